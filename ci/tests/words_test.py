#!/usr/bin/env python3
"""ci/words finds phrases where people read them, and names that cannot stand alone; and nothing else."""

import unittest

from command_module import command_module

words = command_module("words")


def found(path, text):
    return [(kind, line, phrase) for kind, line, phrase in words.phrases(path, text)]


class Phrases(unittest.TestCase):
    def uncover_comments(self, folder):
        self.addCleanup(setattr, words, "NOT_YET_IN_COMMENTS", words.NOT_YET_IN_COMMENTS)
        words.NOT_YET_IN_COMMENTS = (folder,)

    def test_of_c_are_found_in_strings_and_comments_only(self):
        text = ('int told = 1;  // nobody\nauto s = "waits \\" in vain";\n'
                '/* for\n   whoever */ char c = \'"\';\nint nobody;\n')
        self.assertEqual(found("a.cc", text),
                         [("comment", 1, "nobody"), ("string", 2, "in vain"), ("comment", 4, "whoever")])

    def test_of_raw_strings_are_found(self):
        self.assertEqual(found("a.cc", 'auto s = R"(a "quoted"\nmend)";\n'), [("string", 2, "mend")])

    def test_of_python_are_found_in_strings_and_comments_only(self):
        text = '"""Told here."""\n\n\ndef told():\n    """For ever."""\n    return f"{told} nobody"  # is to be\n'
        expected = [("comment", 1, "Told"), ("comment", 5, "For ever"), ("string", 6, "nobody"),
                    ("comment", 6, "is to be")]
        if words.sys.version_info < (3, 12):  # where what is in braces is in the token, too
            expected.insert(2, ("string", 6, "told"))
        self.assertEqual(found("a.py", text), expected)

    def test_of_documents_are_found_anywhere(self):
        self.assertEqual(found("a.md", "What comes\nto\nAn item\ncomes to 5 bytes\n"), [("string", 4, "comes to")])

    def test_inside_other_words_are_none(self):
        self.assertEqual(found("a.md", "amended recommended retold fault-told-once nobody's where"),
                         [("string", 1, "nobody")])

    def test_each_has_a_replacement(self):
        for phrase in ("nobody", "Whoever", "for ever", "are to be", "came to", "what becomes of", "mended"):
            self.assertTrue(words.instead_of(phrase), phrase)

    def test_are_problems_except_in_folders_that_are_not_covered_yet(self):
        self.uncover_comments("old/")
        problems = words.check_phrases({"ci/a.py": '"nobody"\nx = "nobody"\n', "old/a.cc": "// nobody\n"},
                                       whole=False)
        self.assertEqual([problem.split(":")[:2] for problem in problems], [["ci/a.py", "1"], ["ci/a.py", "2"]])

    def test_a_folder_that_is_clean_is_to_be_covered(self):
        self.uncover_comments("old/")
        path = "old/a.cc"
        self.assertEqual(len(words.check_phrases({path: "// clean\n"}, whole=True)), 1)
        self.assertEqual(words.check_phrases({path: "// nobody\n"}, whole=True), [])
        self.assertEqual(words.check_phrases({"elsewhere/a.cc": "// clean\n"}, whole=True), [])


class Names(unittest.TestCase):
    def test_begin_with_the_situation(self):
        for name in ("OfTcpIsNone", "ThatListensIsEnotconn", "IsReported", "AShortOne", "ItsSender", "NobodyKnows"):
            self.assertIn("begins with", words.wrong_name(name, "Topic"), name)
        for name in ("TcpPeerIsNone", "AddressIsNone", "Ipv6AddressHasItsScopeId", "OneByteTooManyReportsTrunc"):
            self.assertEqual(words.wrong_name(name, "Topic"), "", name)

    def test_are_short_enough(self):
        self.assertEqual(words.wrong_name("X" + "x" * (words.LONGEST_NAME - 7), "Topic"), "")
        self.assertIn("more than", words.wrong_name("X" + "x" * (words.LONGEST_NAME - 6), "Topic"))

    def test_are_unique_without_their_topic(self):
        claims = {"conformance/a_test.cc": "CLAIM(One, DataArrives, x) {}\nCLAIM(Two, DataArrives, y) {}\n",
                  "property/laws/a.cc": '      {.name = "OfData",\n'}
        problems, names = words.check_names(claims)
        self.assertEqual(names, 2)
        self.assertEqual([problem.split(" ")[0] for problem in problems],
                         ["property/laws/a.cc:1:", "conformance/a_test.cc:2:"])


class Glossary(unittest.TestCase):
    def test_names_files_that_exist(self):
        self.assertEqual(words.check_glossary("| a | b | `ci/words` | `kind` | `ci/no-words` |"),
                         ["docs/glossary.md: there is no ci/no-words"])


if __name__ == "__main__":
    unittest.main()
