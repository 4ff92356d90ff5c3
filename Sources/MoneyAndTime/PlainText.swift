extension Unicode.Scalar {
    /// Whether text that people read may hold it: no control character but tabs and line feeds,
    /// nor the two code points that no XML document may hold (XML 1.0 §2.2).
    package var isReadable: Bool {
        switch value {
        case 0x09, 0x0A: true
        case 0...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF: false
        default: true
        }
    }
}
