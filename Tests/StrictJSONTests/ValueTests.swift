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

    /// Whether its members are looked through or indexed, an object is the same.
    @Test(arguments: [0, 1, 15, 16, 17, 18, 60]) func objectsOfAnySize(_ size: Int) {
        var object = JSONObject()
        for number in 0..<size { object["key \(number)"] = JSON(number) }
        for number in 0..<size where number % 3 == 0 { object["key \(number)"] = "changed" }
        #expect(object.keys == (0..<size).map { "key \($0)" })
        for number in 0..<size {
            #expect(
                object["key \(number)"] == (number % 3 == 0 ? "changed" : JSON(number)))
        }
        #expect(object["key \(size)"] == nil)
        let reversed = JSONObject(object.map { ($0.key, $0.value) }.reversed())
        #expect(reversed == object && reversed.hashValue == object.hashValue)
        var fewer = object
        for number in 0..<size where number % 2 == 0 { fewer["key \(number)"] = nil }
        #expect(fewer.keys == (0..<size).filter { $0 % 2 == 1 }.map { "key \($0)" })
        for number in 0..<size { #expect((fewer["key \(number)"] == nil) == (number % 2 == 0)) }
        #expect((fewer == object) == (size == 0))
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
        let twice = JSONObject([("a", 1), ("b", 2), ("a", 3)])
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
