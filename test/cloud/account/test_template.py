"""What the account reads out of a template. Run by account.test.ts."""
import unittest

from .template import Scope, TemplateError, order, parse, references


class Thing:
    def __init__(self, identifier, **attributes):
        self.id, self.attributes = identifier, attributes


def scope(template=None, **parameters):
    made = Scope(template or {}, parameters, {"AWS::Region": "us-west-2"}, lambda region: [f"{region}a", f"{region}b"])
    made.resources = {"Queue": Thing("https://queue", Arn="arn:queue")}
    return made


class Order(unittest.TestCase):
    def test_what_is_referred_to_comes_first(self):
        resources = {
            "A": {"Properties": {"X": {"Fn::Sub": "${B.Arn}/${AWS::Region}"}}}, "B": {"Properties": {"X": {"Fn::GetAtt": ["C", "Arn"]}}},
            "C": {"DependsOn": "D"}, "D": {"Properties": {"X": [{"Ref": "Parameter"}]}},
        }
        self.assertEqual(order(resources), ["D", "C", "B", "A"])

    def test_what_nothing_holds_together_comes_the_other_way_round(self):
        self.assertEqual(order({"First": {}, "Second": {}, "Third": {}}), ["Third", "Second", "First"])

    def test_a_circle_is_refused(self):
        with self.assertRaisesRegex(TemplateError, "circular dependency: B → A → B"):
            order({"A": {"DependsOn": ["B"]}, "B": {"Properties": {"X": {"Ref": "A"}}}})

    def test_own_variables_of_a_sub_are_no_references(self):
        self.assertEqual(references({"Fn::Sub": ["${Own}${!Literal}${Other}", {"Own": {"Ref": "Third"}}]}), {"Other", "Third"})


class Resolve(unittest.TestCase):
    def test_functions(self):
        for expression, value in [
            ({"Ref": "Queue"}, "https://queue"),
            ({"Fn::GetAtt": "Queue.Arn"}, "arn:queue"),
            ({"Fn::Join": ["-", ["a", {"Ref": "Size"}, True]]}, "a-3-true"),
            ({"Fn::Sub": ["${Own}/${Queue.Arn}/${!Kept}", {"Own": {"Ref": "Size"}}]}, "3/arn:queue/${Kept}"),
            ({"Fn::Select": ["1", {"Fn::GetAZs": ""}]}, "us-west-2b"),
            ({"Fn::Select": [0, {"Fn::Split": ["/", "a/b"]}]}, "a"),
            ({"Fn::If": ["Large", "yes", "no"]}, "no"),
            ({"A": {"Ref": "AWS::NoValue"}, "B": [{"Fn::If": ["Large", 1, {"Ref": "AWS::NoValue"}]}, 2]}, {"B": [2]}),
            ({"Fn::FindInMap": ["Map", "a", "b"]}, "c"),
            ({"Condition": {"Bool": {"x": "y"}}}, {"Condition": {"Bool": {"x": "y"}}}),  # of a policy
        ]:
            with self.subTest(expression):
                template = {"Conditions": {"Large": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Size"}, 3]}]}}, "Mappings": {"Map": {"a": {"b": "c"}}}}
                self.assertEqual(scope(template, Size=3).resolve(expression), value)

    def test_what_cannot_be_given_is_refused_by_name(self):
        for expression, message in [
            ({"Ref": "Nobody"}, "Ref to 'Nobody'"),
            ({"Fn::GetAtt": ["Queue", "Color"]}, "'Queue' has no attribute 'Color'"),
            ({"Fn::Select": [3, {"Fn::GetAZs": ""}]}, "there are only 2"),
            ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, "'Fn::Cidr' is not played here"),
            ({"Fn::If": ["Missing", 1, 2]}, "no condition 'Missing'"),
        ]:
            with self.subTest(expression), self.assertRaisesRegex(TemplateError, message):
                scope().resolve(expression)

    def test_yaml_and_json_are_the_same(self):
        self.assertEqual(parse('{"A": {"Ref": "B"}}'), parse("A: { Ref: B }"))


if __name__ == "__main__":
    unittest.main()
