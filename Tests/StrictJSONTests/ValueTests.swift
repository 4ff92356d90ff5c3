import StrictJSON
import Testing

@Suite struct ValueTests {
    @Test func literalsBuildAnswers() {
        let name = "Clinic"
        let body: JSON = [
            "name": "The \(name)", "open": true, "count": 3, "none": nil, "list": [1, "two"],
            "id": JSON(name), "absent": JSON(String?.none), "given": JSON(name as String?),
        ]
        #expect(
            body.compactText
                == #"{"name":"The Clinic","open":true,"count":3,"none":null,"list":[1,"two"],"#
                + #""id":"Clinic","absent":null,"given":"Clinic"}"#)
        #expect(body["list"]?[1]?.text == "two")
        #expect(body["list"]?[2] == nil)
        #expect(body["list"]?[-1] == nil)
        #expect(body["count"]?.integer == 3)
        #expect(body["open"]?.flag == true)
        #expect(body["none"]?.isNull == true)
        #expect(body["other"] == nil)
        #expect(body["name"]?["x"] == nil)
        #expect(body.members?.count == 8)
    }

    @Test func orderTakesNoPartInEquality() throws {
        let left = try JSON.parse(#"{"a":1,"b":[{"c":1,"d":2}]}"#)
        let right = try JSON.parse(#"{"b":[{"d":2,"c":1}],"a":1}"#)
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != (try JSON.parse(#"{"b":[{"d":2,"c":1}],"a":2}"#)))
    }

    @Test func membersAreReplacedInPlaceAndRemoved() {
        var object: JSONObject = ["a": 1, "b": 2, "c": 3]
        object["a"] = 9
        object["b"] = nil
        object["d"] = .null
        #expect(object.keys == ["a", "c", "d"])
        #expect(object["a"] == 9)
        #expect(object["d"] == .some(.null))
        object["zz"] = nil
        #expect(object.count == 3 && !object.isEmpty)
        let twice: JSONObject = ["a": 1, "b": 2, "a": 3]
        #expect(JSON.object(twice).compactText == #"{"a":3,"b":2}"#)
    }

    /// RFC 6901 §5.
    @Test(arguments: [
        ("foo", "/foo"), ("", "/"), ("a/b", "/a~1b"), ("c%d", "/c%d"), ("e^f", "/e^f"),
        ("g|h", "/g|h"), ("i\\j", "/i\\j"), ("k\"l", "/k\"l"), (" ", "/ "), ("m~n", "/m~0n"),
        ("~1", "/~01"),
    ])
    func pointersAreEscaped(key: String, pointer: String) {
        #expect(JSONPointer.root.appending(key).text == pointer)
        #expect(JSONPointer.root.appending(3).appending(key).text == "/3\(pointer)")
        #expect(JSONPointer.root.text.isEmpty)
    }
}
