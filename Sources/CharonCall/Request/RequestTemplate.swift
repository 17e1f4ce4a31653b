import HTTPTypes

/// A request of a call file, before its values are known.
struct RequestTemplate: Sendable {
    /// A name with its text.
    struct Named: Sendable {
        let name: String
        let value: Template
    }

    /// A query parameter.
    struct Parameter: Sendable {
        let name: String
        /// More than one repeat the name.
        let values: [Template]
        /// Left out where its value is empty.
        let isOmittedIfEmpty: Bool
    }

    /// A part of `multipart/form-data`.
    struct Part: Sendable {
        let name: String
        let content: Content

        enum Content: Sendable {
            case text(Template)
            case file(FilePart)
        }
    }

    /// A file that is streamed as a part.
    struct FilePart: Sendable {
        var path: Template?
        var contentType: Template?
        var fileName: Template?
    }

    var method = Late(HTTPRequest.Method.get)
    /// Behind the base URL; nil where the base URL is all of it.
    var path: Template?
    var matrix: [Named] = []
    var query: [Parameter] = []
    var headers: [Named] = []
    var json: JSONTemplate?
    var form: [Parameter]?
    var multipart: [Part]?

    init() {}

    /// All texts in it.
    var templates: [Template] {
        let parts = (multipart ?? []).flatMap { part in
            switch part.content {
            case .text(let text): [text]
            case .file(let file): [file.path, file.contentType, file.fileName].compactMap(\.self)
            }
        }
        return [method.template, path].compactMap(\.self) + matrix.map(\.value) + query.flatMap(\.values)
            + headers.map(\.value)
            + (json?.templates ?? []) + (form ?? []).flatMap(\.values) + parts
    }
}
