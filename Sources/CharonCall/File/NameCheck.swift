import CharonCore
import CharonJobs

/// Whether each tag of a file stands for something: a variable, a built-in, or a value of an answer before it.
struct NameCheck {
    private let file: CallFile
    private let problems: ProblemList

    init(_ file: CallFile, _ problems: ProblemList) {
        self.file = file
        self.problems = problems
    }

    func run() {
        var known = Set(BuiltIns.names)
        for variable in file.variables {
            check([variable.fallback].compactMap(\.self), known, "a default may use the variables before it")
            known.insert(variable.name)
        }
        check([file.baseURL].compactMap(\.self) + (file.auth?.templates ?? []), known, nil)
        check([file.serverDryRun?.value, file.serverDryRun?.header?.template].compactMap(\.self), known, nil)
        let variables = Set(file.variables.map(\.name))
        for step in file.steps { check(step, &known, variables) }
    }

    private func check(_ step: Step, _ known: inout Set<String>, _ variables: Set<String>) {
        check(step.request?.templates ?? [], known, nil)
        let pointers = (step.values + (step.wait?.values ?? [])).map(\.pointer)
        let others = [step.expect.json?.pointer, step.wait?.until.pointer].compactMap(\.self)
        check((pointers + others).compactMap(\.template), known, nil)
        add(step.values, to: &known, variables)
        let ofAnswer = Set(BuiltIns.ofAnswer)
        if let wait = step.wait {
            check(wait.request?.templates ?? [], known, nil)
            add(wait.values, to: &known, variables)
            check([wait.progress].compactMap(\.self), known.union(ofAnswer), nil)
        }
        check(step.output, known.union(ofAnswer), nil)
        check([step.save?.file].compactMap(\.self), known, nil)
    }

    private func add(_ values: [Step.PointedValue], to known: inout Set<String>, _ variables: Set<String>) {
        for value in values {
            if variables.contains(value.name) || BuiltIns.names.contains(value.name) {
                problems.add(
                    at: value.position, "\"\(value.name)\" stands for something else already: choose another name")
            }
            known.insert(value.name)
        }
    }

    private func check(_ templates: [Template], _ known: Set<String>, _ rule: String?) {
        for tag in templates.flatMap(\.tags) where !known.contains(tag.name) {
            let hint =
                Spelling.nearest(to: tag.name, among: known.sorted()).map { "did you mean \"\($0)\"?" }
                ?? rule
                ?? "it must be a variable, a built-in (\(BuiltIns.names.joined(separator: ", "))) or a value of an answer before it"
            problems.add(at: tag.position, "\"\(tag.name)\" stands for nothing here: \(hint)")
        }
    }
}
