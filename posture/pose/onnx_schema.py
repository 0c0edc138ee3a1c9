"""The messages of ONNX (onnx.proto, IR versions 3 to 13) as `posture.pose.protobuf` reads them.

Field numbers after github.com/onnx/onnx, onnx/onnx.proto. What a runtime would only pass over (how to spread a model
over several devices) is not in here, so that it is refused as unknown.
"""

from posture.pose.protobuf import Field, Schema


def _one(name: str, kind: str) -> Field:
    return Field(name, kind)


def _many(name: str, kind: str) -> Field:
    return Field(name, kind, repeated=True)


_NOTES = _many("metadata_props", "Entry")
_DOC = _one("doc_string", "text")
_NAME = _one("name", "text")

SCHEMA: Schema = {
    "Model": {
        1: _one("ir_version", "int"),
        2: _one("producer_name", "text"),
        3: _one("producer_version", "text"),
        4: _one("domain", "text"),
        5: _one("model_version", "int"),
        6: _DOC,
        7: _one("graph", "Graph"),
        8: _many("opset_import", "OperatorSet"),
        14: _NOTES,
        20: _many("training_info", "Training"),
        25: _many("functions", "Function"),
    },
    "OperatorSet": {1: _one("domain", "text"), 2: _one("version", "int")},
    "Entry": {1: _one("key", "text"), 2: _one("value", "text")},
    "Graph": {
        1: _many("node", "Node"),
        2: _NAME,
        5: _many("initializer", "Tensor"),
        10: _DOC,
        11: _many("input", "ValueInfo"),
        12: _many("output", "ValueInfo"),
        13: _many("value_info", "ValueInfo"),
        14: _many("quantization_annotation", "Annotation"),
        15: _many("sparse_initializer", "SparseTensor"),
        16: _NOTES,
    },
    "Node": {
        1: _many("input", "text"),
        2: _many("output", "text"),
        3: _NAME,
        4: _one("op_type", "text"),
        5: _many("attribute", "Attribute"),
        6: _DOC,
        7: _one("domain", "text"),
        8: _one("overload", "text"),
        9: _NOTES,
    },
    "Attribute": {
        1: _NAME,
        2: _one("f", "float"),
        3: _one("i", "int"),
        4: _one("s", "bytes"),
        5: _one("t", "Tensor"),
        6: _one("g", "Graph"),
        7: _many("floats", "float"),
        8: _many("ints", "int"),
        9: _many("strings", "bytes"),
        10: _many("tensors", "Tensor"),
        11: _many("graphs", "Graph"),
        13: _DOC,
        14: _one("tp", "Type"),
        15: _many("type_protos", "Type"),
        20: _one("type", "int32"),
        21: _one("ref_attr_name", "text"),
        22: _one("sparse_tensor", "SparseTensor"),
        23: _many("sparse_tensors", "SparseTensor"),
    },
    "Tensor": {
        1: _many("dims", "int"),
        2: _one("data_type", "int32"),
        3: _one("segment", "Segment"),
        4: _many("float_data", "float"),
        5: _many("int32_data", "int32"),
        6: _many("string_data", "bytes"),
        7: _many("int64_data", "int"),
        8: _NAME,
        9: _one("raw_data", "bytes"),
        10: _many("double_data", "double"),
        11: _many("uint64_data", "int"),
        12: _DOC,
        13: _many("external_data", "Entry"),
        14: _one("data_location", "int32"),
        16: _NOTES,
    },
    "Segment": {1: _one("begin", "int"), 2: _one("end", "int")},
    "SparseTensor": {1: _one("values", "Tensor"), 2: _one("indices", "Tensor"), 3: _many("dims", "int")},
    "Annotation": {1: _one("tensor_name", "text"), 2: _many("quant_parameter_tensor_names", "Entry")},
    "ValueInfo": {1: _NAME, 2: _one("type", "Type"), 3: _DOC, 4: _NOTES},
    "Type": {
        1: _one("tensor_type", "TensorType"),
        4: _one("sequence_type", "ElementType"),
        5: _one("map_type", "MapType"),
        6: _one("denotation", "text"),
        8: _one("sparse_tensor_type", "TensorType"),
        9: _one("optional_type", "ElementType"),
    },
    "TensorType": {1: _one("elem_type", "int32"), 2: _one("shape", "Shape")},
    "ElementType": {1: _one("elem_type", "Type")},
    "MapType": {1: _one("key_type", "int32"), 2: _one("value_type", "Type")},
    "Shape": {1: _many("dim", "Dimension")},
    "Dimension": {1: _one("dim_value", "int"), 2: _one("dim_param", "text"), 3: _one("denotation", "text")},
    "Training": {
        1: _one("initialization", "Graph"),
        2: _one("algorithm", "Graph"),
        3: _many("initialization_binding", "Entry"),
        4: _many("update_binding", "Entry"),
    },
    "Function": {
        1: _NAME,
        4: _many("input", "text"),
        5: _many("output", "text"),
        6: _many("attribute", "text"),
        7: _many("node", "Node"),
        8: _DOC,
        9: _many("opset_import", "OperatorSet"),
        10: _one("domain", "text"),
        11: _many("attribute_proto", "Attribute"),
        12: _many("value_info", "ValueInfo"),
        13: _one("overload", "text"),
        14: _NOTES,
    },
}

DATA_TYPES = range(1, 29)
"""Every TensorProto.DataType that there is (onnx 1.23) but UNDEFINED."""
TENSOR_DATA = frozenset(
    {"float_data", "int32_data", "string_data", "int64_data", "raw_data", "double_data", "uint64_data"}
)
"""Where the values of a Tensor may stand: in one of them, which one depends on the reader if there are two."""

ATTRIBUTE_DATA = frozenset(
    {"f", "i", "s", "t", "g", "tp", "floats", "ints", "strings", "tensors", "graphs", "type_protos"}
    | {"sparse_tensor", "sparse_tensors"}
)
"""The same for an Attribute."""

# TensorProto.DataType -> the name that numpy and the manifests use. Others (float8, int4, strings) have no array here.
ELEMENT_TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
}
