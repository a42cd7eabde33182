"""How large is the model: its weights by part, and the lines of code that make it."""

import ast
import inspect
import io
import textwrap
import tokenize
from types import FunctionType

from mmtutorial.cross_modal import decoder, generation, projector, vision_language
from mmtutorial.cross_modal._prefix_model import PrefixModel, end_text
from mmtutorial.encoders import attention, grid, transformer

PARTS = {  # what a reader would have to read to know how it computes
    "encoder": (grid.GridCNN,),
    "projector": (projector.Projector,),
    "decoder": (
        decoder.TransformerDecoder, decoder.DecoderBlock, decoder.look_back, decoder.Cache,
        decoder.Decoded,
    ),
    "model": (vision_language.VisionLanguageModel, vision_language.split_words, PrefixModel,
              end_text),
    "greedy answers": (generation.write_rows,),
    "transformer block": (transformer.TransformerBlock, attention.MultiHeadAttention),
}  # fmt: skip
ADMIN = (  # refusing wrong input, saving and loading, and the shapes for Keras
    "check_type", "check_shape", "check_values", "get_config", "from_config", "compile_from_config",
    "compute_output_shape", "_check", "_look_at", "_look_at_targets", "__call__", "perplexity",
    "attention_weights", "log_likelihood",
)  # fmt: skip


def count_weights(encoder, model) -> dict[str, int]:
    """Return the number of weights of encoder, projector and decoder."""
    parts = {"encoder": encoder, "projector": model.projector, "decoder": model.decoder}
    return {name: part.count_params() for name, part in parts.items()}


def count_lines() -> dict[str, int]:
    """Return the lines of code of each part, without what only explains or refuses.

    That is: no blank lines, comments and docstrings, no `ADMIN`, no ``if ...: raise``.

    The last part is the block of any transformer, which the chapter "Attention" builds.

    >>> sum(count_lines().values()) < 400
    True
    """
    return {name: sum(map(lines_of, things)) for name, things in PARTS.items()}


def lines_of(thing: type | FunctionType) -> int:
    """Count the lines of code of a class or a function.

    >>> lines_of(end_text)
    4
    """
    source = textwrap.dedent(inspect.getsource(thing))
    skipped = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                skipped |= set(range(first.lineno, first.end_lineno + 1))
            if node.name in ADMIN:
                start = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                skipped |= set(range(start, node.end_lineno + 1))
        if isinstance(node, ast.If) and all(isinstance(each, ast.Raise) for each in node.body):
            skipped |= set(range(node.lineno, node.body[-1].end_lineno + 1))
    used = set()
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
              tokenize.ENDMARKER}  # fmt: skip
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in silent:
            used |= set(range(token.start[0], token.end[0] + 1))
    return len(used - skipped)
