"""What a CloudFormation template says: intrinsic functions, conditions, references and the order that they make."""
import re

import yaml

NO_VALUE = object()
PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")


class TemplateError(Exception):
    """The template asks for something that cannot be given."""


def parse(text):
    """JSON or YAML. The short forms of intrinsic functions (!Ref) are refused by the safe loader."""
    return yaml.safe_load(text)


def references(value):
    """Names of everything that a value refers to by Ref, GetAtt or Sub."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    if len(value) == 1:
        (function, argument), = value.items()
        if function == "Ref":
            return {argument}
        if function == "Fn::GetAtt":
            return {argument[0] if isinstance(argument, list) else argument.split(".")[0]}
        if function == "Fn::Sub":
            text, own = argument if isinstance(argument, list) else (argument, {})
            return {name.split(".")[0] for name in PLACEHOLDER.findall(text) if name not in own} | references(own)
    return set().union(*map(references, value.values())) if value else set()


def order(resources):
    """Logical ids so that each comes after everything it refers to or depends on, and otherwise as late a one as possible first.

    The last of a template come first unless something holds them back: two resources that only happen to stand in the right
    order are made in the wrong one, so that a missing dependency shows.
    """
    result, path = [], []

    def visit(name):
        if name in result:
            return
        if name in path:
            raise TemplateError(f"circular dependency: {' → '.join([*path[path.index(name):], name])}")
        path.append(name)
        depends_on = resources[name].get("DependsOn", [])
        needed = references(resources[name].get("Properties", {})) | set([depends_on] if isinstance(depends_on, str) else depends_on)
        for other in reversed(resources):
            if other in needed:
                visit(other)
        path.pop()
        result.append(name)

    for name in reversed(resources):
        visit(name)
    return result


class Scope:
    """The values that a template's expressions can refer to."""

    def __init__(self, template, parameters, pseudo, zones):
        self.template, self.parameters, self.pseudo, self.zones = template, parameters, pseudo, zones
        self.resources = {}  # logical id → object with `id` and `attributes`

    def holds(self, name):
        """Whether a condition is true."""
        conditions = self.template.get("Conditions", {})
        if name not in conditions:
            raise TemplateError(f"there is no condition '{name}'")
        return self.test(conditions[name])

    def test(self, condition):
        if isinstance(condition, bool):
            return condition
        (function, argument), = condition.items()
        if function == "Condition":
            return self.holds(argument)
        if function == "Fn::Equals":
            return self.resolve(argument[0]) == self.resolve(argument[1])
        if function == "Fn::Not":
            return not self.test(argument[0])
        if function == "Fn::And":
            return all(map(self.test, argument))
        if function == "Fn::Or":
            return any(map(self.test, argument))
        raise TemplateError(f"'{function}' is no condition that is played here")

    def ref(self, name):
        if name == "AWS::NoValue":
            return NO_VALUE
        for values in (self.pseudo, self.parameters):
            if name in values:
                return values[name]
        if name in self.resources:
            return self.resources[name].id
        raise TemplateError(f"Ref to '{name}', which does not exist")

    def attribute(self, name, attribute):
        if name not in self.resources:
            raise TemplateError(f"GetAtt of '{name}', which does not exist")
        attributes = self.resources[name].attributes
        if attribute not in attributes:
            raise TemplateError(f"'{name}' has no attribute '{attribute}' here: there are {sorted(attributes)}")
        return attributes[attribute]

    def resolve(self, value):
        """The value with every intrinsic function replaced by what it stands for."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), = value.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self.call(function, argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def call(self, function, argument):
        if function == "Ref":
            return self.ref(argument)
        if function == "Fn::GetAtt":
            return self.attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
        if function == "Fn::If":
            condition, yes, no = argument
            return self.resolve(yes if self.holds(condition) else no)
        if function == "Fn::Sub":
            text, own = argument if isinstance(argument, list) else (argument, {})
            own = self.resolve(own)
            return PLACEHOLDER.sub(lambda match: self.substitute(match[1], own), text).replace("${!", "${")
        if function == "Fn::FindInMap":
            return self.find_in_map(*map(self.resolve, argument))
        argument = self.resolve(argument)
        if function == "Fn::Join":
            return argument[0].join(map(text_of, argument[1]))
        if function == "Fn::Select":
            index, items = int(argument[0]), argument[1]
            if index >= len(items):
                raise TemplateError(f"Fn::Select of item {index} of {items}: there are only {len(items)}")
            return items[index]
        if function == "Fn::Split":
            return argument[1].split(argument[0])
        if function == "Fn::GetAZs":
            return self.zones(argument or self.pseudo["AWS::Region"])
        raise TemplateError(f"'{function}' is not played here")

    def find_in_map(self, name, first, second):
        try:
            return self.template["Mappings"][name][first][second]
        except KeyError:
            raise TemplateError(f"nothing in the mapping {name}/{first}/{second}") from None

    def substitute(self, name, own):
        if name in own:
            return text_of(own[name])
        return text_of(self.attribute(*name.split(".", 1)) if "." in name else self.ref(name))


def text_of(value):
    """A value inside a text, as CloudFormation writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
