from logs.errors import FileError, LogError, OutputError, QuarantineError, printable, summarise, with_example
from transforms.errors import UserError


def test_a_problem_of_many_files_is_one_sentence_that_names_the_first():
    problems = [(f"users/{number}.parquet", "has no column age") for number in range(504)]
    problems += [("shows/0.parquet", "has no column language")]
    assert summarise(problems) == [
        "users/0.parquet (and 503 more) has no column age",
        "shows/0.parquet has no column language",
    ]


def test_details_that_differ_between_files_do_not_make_sentences_of_their_own():
    problems = [(f"{number}", with_example("is broken", f"value {number}")) for number in range(1_200)]
    assert summarise(problems) == ["0 (and 1,199 more) is broken (for example: value 0)"]


def test_a_file_counts_once():
    assert summarise([("a", "is broken"), ("a", "is broken"), ("b", "is broken")]) == ["a (and 1 more) is broken"]


def test_bytes_that_are_not_utf_8_are_escaped():
    assert printable("ä/\udcff.parquet") == r"ä/\xff.parquet"
    assert summarise([("\udce4", "is broken")]) == [r"\xe4 is broken"]


def test_every_error_of_logs_is_one_that_users_cause():
    for error in (LogError("x"), FileError("x", "y"), QuarantineError("x"), OutputError.of("x", "y")):
        assert isinstance(error, UserError)
