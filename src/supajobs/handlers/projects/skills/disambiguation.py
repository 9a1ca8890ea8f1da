"""Languages that share an ending, told apart by what a file says: the commonest of them.

The rules are those of GitHub's Linguist, as far as they concern what people use.
"""

import re
from collections.abc import Iterable, Sequence

_LINES = re.MULTILINE


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), _LINES)


_OBJECTIVE_C = _any(
    r"^[ \t]*@(?:interface|class|protocol|property|end|synchronised|selector|implementation)\b",
    r'^[ \t]*#import [^\n]{1,200}\.h[">]',
)
_CPP = _any(
    r"^[ \t]*#[ \t]*include <(?:cstdint|string|vector|map|list|array|bitset|queue|stack|"
    r"forward_list|unordered_map|unordered_set|[io]?o?stream|iostream)>",
    r"^[ \t]*template[ \t]*<",
    r"^[ \t]*(?:try|constexpr)\b",
    r"^[ \t]*catch[ \t]*\(",
    r"^[ \t]*(?:class|(?:using[ \t]+)?namespace)[ \t]+\w",
    r"^[ \t]*(?:private|public|protected):$",
    r"\bstd::\w",
)
_PLPGSQL = _any(
    r"^\\i\b",
    r"(?i:\bas[ \t\n]+\$\$|\blanguage[ \t\n]+'?plpgsql'?)",
    r"(?i:\bsecurity[ \t\n]+(?:definer|invoker))",
    r"(?i:\bbegin(?:[ \t]+work|[ \t]+transaction)?;)",
)
_PLSQL = _any(
    r"(?i:\$\$plsql_|\bxmltype\b|\bsystimestamp\b|\.nextval\b|\bconnect[ \t]+by\b)",
    r"(?i:\bauthid[ \t]+(?:definer|current_user))",
)
_SQLPL = _any(
    r"(?i:\balter[ \t]+module\b|\blanguage[ \t]+sql\b|\bbegin(?:[ \t]+not)?[ \t]+atomic\b)"
)
_TSQL = _any(
    r"(?i:^[ \t]*go\b|\bbegin(?:[ \t]+try|[ \t]+catch)\b|\boutput[ \t]+inserted\b)",
    r"(?i:\bdeclare[ \t]+@|\[dbo\])",
)
_PROLOG = _any(r"^[^#\n]{0,500}:-")
_PERL = _any(
    r"\buse[ \t]+(?:strict\b|v?5\b)",
    r"^[ \t]*(?:package[ \t]+\w|(?:my|our|sub)\b)",
)

_RAKU = _any(r"^[ \t]*(?:use[ \t]+v6\b|(?:my[ \t]+)?class\b|module\b)")
_COQ = _any(r"\b(?:Proof|Qed)\.[ \t]*$", r"\bRequire[ \t]+(?:Import|Export)\b")
_V = _any(r"^[ \t]*(?:pub[ \t]+)?fn[ \t]+\w", r"^import[ \t]+\w+[ \t]*$")
_MATLAB = _any(r"^[ \t]*%", r"^[ \t]*(?:function|end)\b")
_MAKE_RULES = _any(r"^[^\n:=]{1,200}\.o[ \t]*:", r": \\$")

# For each ending, what the first rule that fits says; and what it is if none does.
_RULES: dict[str, tuple[Sequence[tuple[re.Pattern[str], str]], str]] = {
    ".h": ([(_OBJECTIVE_C, "Objective-C"), (_CPP, "C++")], "C"),
    ".m": ([(_OBJECTIVE_C, "Objective-C"), (_MATLAB, "MATLAB")], "Objective-C"),
    ".sql": (
        [(_PLPGSQL, "PLpgSQL"), (_SQLPL, "SQLPL"), (_PLSQL, "PLSQL"), (_TSQL, "TSQL")],
        "SQL",
    ),
    ".pl": ([(_PROLOG, "Prolog"), (_PERL, "Perl"), (_RAKU, "Raku")], "Perl"),
    ".pm": ([(_PERL, "Perl"), (_any(r"^/\* XPM"), "X PixMap"), (_RAKU, "Raku")], "Perl"),
    ".t": ([(_PERL, "Perl"), (_RAKU, "Raku")], "Perl"),
    ".ts": ([(_any(r"<TS\b"), "XML")], "TypeScript"),
    ".tsx": ([(_any(r"^[ \t]*<\?xml\b"), "XML")], "TSX"),
    ".v": ([(_COQ, "Rocq Prover"), (_V, "V")], "Verilog"),
    ".d": ([(_MAKE_RULES, "Makefile")], "D"),
    ".php": ([(_any(r"<\?hh\b"), "Hack")], "PHP"),
    ".inc": ([(_any(r"^<\?(?:php)?"), "PHP"), (_CPP, "C++")], "Assembly"),
    ".hh": ([(_any(r"<\?hh\b"), "Hack")], "C++"),
    ".r": ([(_any(r"(?i:^[ \t]*rebol\b)"), "Rebol")], "R"),
    ".asc": ([], "AsciiDoc"),
    ".as": ([], "ActionScript"),
    ".bas": ([], "BASIC"),
    ".cl": ([(_any(r"__kernel\b"), "OpenCL")], "Common Lisp"),
    ".cls": ([(_any(r"^[ \t]*%|\\ProvidesClass"), "TeX")], "Apex"),
    ".cs": ([], "C#"),
    ".ex": ([], "Elixir"),
    ".f": ([], "Fortran"),
    ".for": ([], "Fortran"),
    ".fs": ([(_any(r"^#version\b|\bgl_FragColor\b"), "GLSL")], "F#"),
    ".gd": ([], "GDScript"),
    ".gml": ([], "Game Maker Language"),
    ".gs": ([], "JavaScript"),
    ".html": ([], "HTML"),
    ".i": ([], "SWIG"),
    ".l": ([(_any(r"^%[%{]"), "Lex")], "Common Lisp"),
    ".lisp": ([], "Common Lisp"),
    ".ls": ([], "LiveScript"),
    ".md": ([], "Markdown"),
    ".ml": ([], "OCaml"),
    ".n": ([(_any(r"^[.']"), "Roff")], "Nemerle"),
    ".p": ([], "OpenEdge ABL"),
    ".pp": ([(_any(r"^[ \t]*end[.;]"), "Pascal")], "Puppet"),
    ".pro": ([(_any(r"^[A-Z_]+[ \t]*[+*]?="), "QMake"), (_PROLOG, "Prolog")], "IDL"),
    ".properties": ([], "Java Properties"),
    ".q": ([], "HiveQL"),
    ".re": ([], "Reason"),
    ".rs": ([], "Rust"),
    ".s": ([], "Unix Assembly"),
    ".asm": ([], "Assembly"),
    ".sc": ([], "Scala"),
    ".sol": ([], "Solidity"),
    ".st": ([], "Smalltalk"),
    ".svelte": ([], "Svelte"),
    ".svg": ([], "SVG"),
    ".tex": ([], "TeX"),
    ".txt": ([], "Text"),
    ".vue": ([], "Vue"),
    ".w": ([], "CWeb"),
    ".x": ([], "Logos"),
    ".yaml": ([], "YAML"),
    ".yml": ([], "YAML"),
    ".yy": ([], "Yacc"),
}


def choose(path: str, candidates: Sequence[str], head: str) -> str:
    """The one of the candidates that the file is in; `head` is what it begins with."""
    rules, otherwise = _find_rules(path)
    for pattern, language in rules:
        if pattern.search(head):
            return language
    return otherwise if otherwise in candidates else candidates[0]


def _find_rules(path: str) -> tuple[Iterable[tuple[re.Pattern[str], str]], str]:
    _, dot, ending = path.lower().rpartition(".")
    return _RULES.get(dot + ending, ((), ""))
