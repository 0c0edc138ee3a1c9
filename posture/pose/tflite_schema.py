"""What of TFLite files is known here: fields of tables, types, operators (schema 3, LiteRT's `schema.fbs`)."""

MODEL = frozenset(range(8))
OPERATOR_CODE = frozenset(range(4))
SUBGRAPH = frozenset(range(6))
TENSOR = frozenset(range(9))
QUANTIZATION = frozenset({0, 1, 2, 3, 6})
SPARSITY = frozenset(range(3))
DIMENSION = frozenset(range(6))
INDICES = frozenset({0})
OPERATOR = frozenset({0, 1, 2, 3, 4, 7, 8, 11, 13})
"""Without the fields of custom operators and of contents outside of the file."""
BUFFER = frozenset({0})
"""Without `offset` and `size`, which point to contents behind the file's own."""
METADATA = frozenset(range(2))
SIGNATURE = frozenset(range(5))
SIGNATURE_TENSOR = frozenset(range(2))

CUSTOM = 32
TYPES: dict[int, tuple[str, int]] = {
    0: ("float32", 4),
    1: ("float16", 2),
    2: ("int32", 4),
    3: ("uint8", 1),
    4: ("int64", 8),
    6: ("bool", 1),
    7: ("int16", 2),
    9: ("int8", 1),
}
"""Name as numpy calls it, and bytes of one number."""

OPERATORS: dict[int, str] = {
    0: "ADD", 1: "AVERAGE_POOL_2D", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 5: "DEPTH_TO_SPACE",
    6: "DEQUANTIZE", 8: "FLOOR", 9: "FULLY_CONNECTED", 11: "L2_NORMALIZATION", 14: "LOGISTIC", 17: "MAX_POOL_2D",
    18: "MUL", 19: "RELU", 20: "RELU_N1_TO_1", 21: "RELU6", 22: "RESHAPE", 23: "RESIZE_BILINEAR", 25: "SOFTMAX",
    26: "SPACE_TO_DEPTH", 28: "TANH", 34: "PAD", 36: "GATHER", 37: "BATCH_TO_SPACE_ND", 38: "SPACE_TO_BATCH_ND",
    39: "TRANSPOSE", 40: "MEAN", 41: "SUB", 42: "DIV", 43: "SQUEEZE", 45: "STRIDED_SLICE", 47: "EXP", 48: "TOPK_V2",
    49: "SPLIT", 50: "LOG_SOFTMAX", 53: "CAST", 54: "PRELU", 55: "MAXIMUM", 56: "ARG_MAX", 57: "MINIMUM", 58: "LESS",
    59: "NEG", 60: "PADV2", 61: "GREATER", 62: "GREATER_EQUAL", 63: "LESS_EQUAL", 64: "SELECT", 65: "SLICE",
    66: "SIN", 67: "TRANSPOSE_CONV", 69: "TILE", 70: "EXPAND_DIMS", 71: "EQUAL", 72: "NOT_EQUAL", 73: "LOG",
    74: "SUM", 75: "SQRT", 76: "RSQRT", 78: "POW", 79: "ARG_MIN", 80: "FAKE_QUANT", 81: "REDUCE_PROD",
    82: "REDUCE_MAX", 83: "PACK", 84: "LOGICAL_OR", 86: "LOGICAL_AND", 87: "LOGICAL_NOT", 88: "UNPACK",
    89: "REDUCE_MIN", 90: "FLOOR_DIV", 92: "SQUARE", 93: "ZEROS_LIKE", 95: "FLOOR_MOD", 97: "RESIZE_NEAREST_NEIGHBOR",
    98: "LEAKY_RELU", 99: "SQUARED_DIFFERENCE", 100: "MIRROR_PAD", 101: "ABS", 102: "SPLIT_V", 104: "CEIL",
    105: "REVERSE_V2", 106: "ADD_N", 107: "GATHER_ND", 108: "COS", 111: "ELU", 114: "QUANTIZE", 116: "ROUND",
    117: "HARD_SWISH", 123: "SELECT_V2", 124: "DENSIFY", 126: "BATCH_MATMUL", 130: "BROADCAST_TO", 150: "GELU",
    152: "RELU_0_TO_1", 158: "SIGN",
}  # fmt: skip
"""What picture models are made of. Without loops, branches and calls, variables, tables, random numbers, text, other
runtimes' operators (Flex, StableHLO, delegates) and everything that only sound and language need.
"""
SIZE_INPUTS: dict[str, int] = {
    "BROADCAST_TO": 1, "PAD": 1, "PADV2": 1, "MIRROR_PAD": 1, "RESIZE_BILINEAR": 1, "RESIZE_NEAREST_NEIGHBOR": 1,
    "TILE": 1, "TRANSPOSE_CONV": 0, "SPACE_TO_BATCH_ND": 2, "BATCH_TO_SPACE_ND": 1, "TOPK_V2": 1,
}  # fmt: skip
"""Operators whose result is as large as the numbers of one of their inputs say, and which: it must be a constant."""
PADDINGS = frozenset({"PAD", "PADV2", "MIRROR_PAD", "SPACE_TO_BATCH_ND"})
