package import HTTPTypes

/// A request of a call file, before its values are known.
package struct RequestTemplate: Sendable {
    /// A name with its text.
    package struct Named: Sendable {
        package let name: String
        package let value: Template
    }

    /// A query parameter.
    package struct Parameter: Sendable {
        package let name: String
        /// More than one repeat the name.
        package let values: [Template]
        /// Left out where its value is empty.
        package let isOmittedIfEmpty: Bool
    }

    /// A part of `multipart/form-data`.
    package struct Part: Sendable {
        package let name: String
        package let content: Content

        package enum Content: Sendable {
            case text(Template)
            case file(FilePart)
        }
    }

    /// A file that is streamed as a part.
    package struct FilePart: Sendable {
        package var path: Template?
        package var contentType: Template?
        package var fileName: Template?
    }

    package var method = Late(HTTPRequest.Method.get)
    /// Behind the base URL; nil where the base URL is all of it.
    package var path: Template?
    package var matrix: [Named] = []
    package var query: [Parameter] = []
    package var headers: [Named] = []
    package var json: JSONTemplate?
    package var form: [Parameter]?
    package var multipart: [Part]?

    package init() {}

    /// All texts in it.
    package var templates: [Template] {
        let parts = (multipart ?? []).flatMap { part in
            switch part.content {
            case .text(let text): [text]
            case .file(let file): [file.path, file.contentType, file.fileName].compactMap(\.self)
            }
        }
        return [method.template, path].compactMap(\.self) + matrix.map(\.value) + query.flatMap(\.values) + headers.map(\.value)
            + (json?.templates ?? []) + (form ?? []).flatMap(\.values) + parts
    }
}
