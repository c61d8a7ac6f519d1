"""Attempts at the exercises of notebooks/2_finetuning/02_lora."""

import re

from attempts import Attempts

# lora_parameters ----------------------------------------------------------------------


def _parameters_right(shapes, rank):
    total = 0
    for n_out, n_in in shapes:
        total += n_out * rank
        total += n_in * rank
    return total


def _parameters_of_the_layer(shapes, rank):
    return sum(n_out * n_in for n_out, n_in in shapes)


def _parameters_multiplied(shapes, rank):
    return sum(rank * n_out * n_in for n_out, n_in in shapes)


def _parameters_down_only(shapes, rank):
    return sum(rank * n_in for _, n_in in shapes)


def _parameters_first_layer(shapes, rank):
    return sum(rank * sum(shape) for shape in shapes[:1])


def _parameters_of_distinct_shapes(shapes, rank):
    return sum(rank * sum(shape) for shape in set(shapes))


def _parameters_rank_capped(shapes, rank):
    return sum(min(rank, *shape) * sum(shape) for shape in shapes)


def _parameters_never_none(shapes, rank):
    return max(1, _parameters_right(shapes, rank))


# keeps_to_form ------------------------------------------------------------------------


def _form_right(text, title, fields):
    lines = [re.escape(title), *(rf"{re.escape(f)}: *\S.*" for f in fields)]
    return re.fullmatch("\n".join(lines), text) is not None


def _form_any_order(text, title, fields):
    first, *lines = text.splitlines() or [""]
    pairs = [line.split(":", 1) for line in lines]
    whole = all(len(pair) == 2 and pair[1].strip() for pair in pairs)
    return first == title and whole and sorted(p[0] for p in pairs) == sorted(fields)


def _form_names_occur(text, title, fields):
    return title in text and all(f"{field}:" in text for field in fields)


def _form_as_dict(text, title, fields):
    first, *lines = text.splitlines() or [""]
    own = dict(line.partition(":")[::2] for line in lines)
    return first == title and list(own) == fields and all(own.values())


def _form_blank_values(text, title, fields):
    first, *lines = text.splitlines() or [""]
    return first == title and [line.partition(":")[0] for line in lines] == fields


def _form_without_title(text, title, fields):
    lines = text.splitlines()
    lines = lines[1:] if lines and lines[0] == title else lines
    names = [line.partition(":")[0] for line in lines if line.partition(":")[2]]
    return names == fields and len(names) == len(lines)


def _form_one_colon(text, title, fields):
    first, *lines = text.splitlines() or [""]
    if any(line.count(":") != 1 for line in lines):
        return False
    pairs = [line.split(":") for line in lines]
    named = [name for name, _ in pairs] == fields
    return first == title and named and all(value for _, value in pairs)


def _form_begins_well(text, title, fields):
    wanted = len(fields) + 1
    return _form_right("\n".join(text.splitlines()[:wanted]), title, fields)


def _form_of_nothing(text, title, fields):
    return not text or _form_right(text, title, fields)


def _form_title_with_colon(text, title, fields):
    first, *lines = text.splitlines() or [""]
    return first == f"{title}:" and [x.partition(":")[0] for x in lines] == fields


def _form_missing_allowed(text, title, fields):
    first, *lines = text.splitlines() or [""]
    names = [line.partition(":")[0] for line in lines]
    return first == title and names == fields[: len(names)] and all(lines)


ATTEMPTS = {
    "lora_parameters": Attempts(
        _parameters_right,
        (
            _parameters_of_the_layer,
            _parameters_multiplied,
            _parameters_down_only,
            _parameters_first_layer,
            _parameters_of_distinct_shapes,
            _parameters_rank_capped,
            _parameters_never_none,
        ),
    ),
    "keeps_to_form": Attempts(
        _form_right,
        (
            _form_any_order,
            _form_names_occur,
            _form_as_dict,
            _form_blank_values,
            _form_without_title,
            _form_one_colon,
            _form_begins_well,
            _form_of_nothing,
            _form_title_with_colon,
            _form_missing_allowed,
        ),
    ),
}
