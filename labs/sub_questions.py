"""llama-index's sub-questions: its form, its parser, and parts that are given."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labs.prompts import Messages


def form(question: str, documents: Mapping[str, str]) -> Messages:
    """The library's own prompt: parts of the question in JSON, each for one document.

    Args:
        documents: what each is about, by its name.
    """
    from llama_index.core import PromptTemplate
    from llama_index.core.question_gen.prompts import (
        DEFAULT_SUB_QUESTION_PROMPT_TMPL,
        build_tools_text,
    )
    from llama_index.core.tools.types import ToolMetadata

    tools = [ToolMetadata(told, name) for name, told in documents.items()]
    template = PromptTemplate(DEFAULT_SUB_QUESTION_PROMPT_TMPL)
    text = template.format(tools_str=build_tools_text(tools), query_str=question)
    return [{"role": "user", "content": text}]


def parser(documents: Sequence[str]) -> Callable[[str], list[Any]]:
    """Parses a reply to `form` with the library's own parser.

    What it returns raises ValueError for a reply that is not such a list, or that asks
    a document that is not there.
    """
    from llama_index.core.question_gen.output_parser import SubQuestionOutputParser

    def parse(reply: str) -> list[Any]:
        try:
            parts = SubQuestionOutputParser().parse(reply).parsed_output
        except Exception as error:  # json, yaml, pydantic and the library raise many
            raise ValueError("no list of sub-questions in JSON") from error
        if not parts or any(part.tool_name not in documents for part in parts):
            raise ValueError(f"expected parts for {', '.join(documents)}")
        return parts

    return parse


def to_every(question: str, documents: Sequence[str]) -> list[Any]:
    """The fallback: the question as it is, to every document."""
    from llama_index.core.question_gen.types import SubQuestion

    return [SubQuestion(sub_question=question, tool_name=name) for name in documents]


def given(parts: Sequence[Any]) -> Any:
    """A question generator for `SubQuestionQueryEngine` that hands on these parts."""
    from llama_index.core.question_gen.types import BaseQuestionGenerator

    class Given(BaseQuestionGenerator):
        def generate(self, tools: Any, query: Any) -> list[Any]:
            return list(parts)

        async def agenerate(self, tools: Any, query: Any) -> list[Any]:
            return list(parts)

        def _get_prompts(self) -> dict[str, Any]:
            return {}

        def _update_prompts(self, prompts: Any) -> None: ...

    return Given()
