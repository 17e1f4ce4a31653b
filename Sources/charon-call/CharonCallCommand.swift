@main
struct CharonCallCommand {
    static func main() {}
}
