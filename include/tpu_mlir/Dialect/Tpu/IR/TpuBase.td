// The Tpu dialect: ops in the number types of the chip, with layer-group attributes; names and attributes are upstream's.
#ifndef TPU_MLIR_TPU_BASE
#define TPU_MLIR_TPU_BASE
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tpu_mlir/Interfaces/OpInterfaces.td"

def Tpu_Dialect : Dialect {
  let name = "tpu";
  let summary = "Network ops in the number types of a chip";
  let cppNamespace = "::tpu_mlir::tpu";
  let usePropertiesForAttributes = 0;
  let useDefaultAttributePrinterParser = 1;
}

def AnyTensorOrNone : AnyTypeOf<[AnyRankedTensor, AnyUnrankedTensor, NoneType]>;

class Tpu_Op<string mnemonic, list<Trait> traits = []> : Op<Tpu_Dialect, mnemonic, !listconcat([Pure], traits)>;

class Tpu_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::tpu_mlir::tpu";
}
def Tpu_RoundMode : Tpu_Enum<"RoundMode", "rounding of a conversion", [
  I32EnumAttrCase<"HalfAwayFromZero", 0>, I32EnumAttrCase<"HalfUp", 1>, I32EnumAttrCase<"HalfDown", 2>,
  I32EnumAttrCase<"HalfToEven", 3>, I32EnumAttrCase<"HalfToOdd", 4>, I32EnumAttrCase<"HalfTowardsZero", 5>,
  I32EnumAttrCase<"TowardsZero", 6>, I32EnumAttrCase<"Up", 7>, I32EnumAttrCase<"Down", 8>]>;
def Tpu_RoundModeAttr : EnumAttr<Tpu_Dialect, Tpu_RoundMode, "round_mode">;
def Tpu_RequantMode : Tpu_Enum<"RequantMode", "how a result is rescaled", [
  I32EnumAttrCase<"TFLite_LShift", 0>, I32EnumAttrCase<"TFLite", 1>, I32EnumAttrCase<"MultiplierShift", 2>,
  I32EnumAttrCase<"OnlyShift", 3>, I32EnumAttrCase<"QDM", 4>, I32EnumAttrCase<"OnlyScale", 5>]>;
def Tpu_RequantModeAttr : EnumAttr<Tpu_Dialect, Tpu_RequantMode, "rq_mode">;
def Tpu_PoolMode : Tpu_Enum<"PoolMode", "kind of pooling", [I32EnumAttrCase<"Avg", 0>, I32EnumAttrCase<"Max", 1>]>;
def Tpu_PoolModeAttr : EnumAttr<Tpu_Dialect, Tpu_PoolMode, "pool_mode">;
def Tpu_ActiveMode : Tpu_Enum<"ActiveMode", "elementwise function", [
  I32EnumAttrCase<"TANH", 0>, I32EnumAttrCase<"SIGMOID", 1>, I32EnumAttrCase<"RELU", 2>, I32EnumAttrCase<"EXP", 3>,
  I32EnumAttrCase<"ELU", 4>, I32EnumAttrCase<"SQRT", 5>, I32EnumAttrCase<"SQUARE", 6>, I32EnumAttrCase<"RSQRT", 7>,
  I32EnumAttrCase<"ABSVAL", 8>, I32EnumAttrCase<"LN", 9>, I32EnumAttrCase<"ROUND", 10>, I32EnumAttrCase<"CEIL", 11>,
  I32EnumAttrCase<"FLOOR", 12>, I32EnumAttrCase<"SIN", 13>, I32EnumAttrCase<"COS", 14>,
  I32EnumAttrCase<"IS_FINITE", 15>, I32EnumAttrCase<"MISH", 16>, I32EnumAttrCase<"SWISH", 17>,
  I32EnumAttrCase<"HSWISH", 18>, I32EnumAttrCase<"SILU", 19>, I32EnumAttrCase<"ARCSIN", 20>,
  I32EnumAttrCase<"ARCCOS", 21>, I32EnumAttrCase<"ARCSINH", 22>, I32EnumAttrCase<"ARCCOSH", 23>,
  I32EnumAttrCase<"ARCTANH", 24>, I32EnumAttrCase<"SINH", 25>, I32EnumAttrCase<"COSH", 26>, I32EnumAttrCase<"TAN", 27>,
  I32EnumAttrCase<"SIGN", 28>, I32EnumAttrCase<"GELU", 29>, I32EnumAttrCase<"ERF", 30>,
  I32EnumAttrCase<"HSIGMOID", 31>, I32EnumAttrCase<"LOG_SIGMOID", 32>, I32EnumAttrCase<"SOFT_PLUS", 33>,
  I32EnumAttrCase<"SOFT_SIGN", 34>, I32EnumAttrCase<"LOG2", 35>, I32EnumAttrCase<"TGELU", 36>,
  I32EnumAttrCase<"QGELU", 37>]>;
def Tpu_ActiveModeAttr : EnumAttr<Tpu_Dialect, Tpu_ActiveMode, "active_mode">;
def Tpu_PaddingMode : Tpu_Enum<"PaddingMode", "values outside of the tensor", [
  I32EnumAttrCase<"constant", 0>, I32EnumAttrCase<"reflect", 1>, I32EnumAttrCase<"symmetric", 2>,
  I32EnumAttrCase<"edge", 3>]>;
def Tpu_PaddingModeAttr : EnumAttr<Tpu_Dialect, Tpu_PaddingMode, "Pad_Mode">;
def Tpu_ResizeMode : Tpu_Enum<"ResizeMode", "interpolation", [I32EnumAttrCase<"nearest", 0>, I32EnumAttrCase<"linear", 1>]>;
def Tpu_ResizeModeAttr : EnumAttr<Tpu_Dialect, Tpu_ResizeMode, "mode">;
def Tpu_ResizeCoordMode : Tpu_Enum<"ResizeCoordMode", "coordinates of an interpolation", [
  I32EnumAttrCase<"align_corners", 0>, I32EnumAttrCase<"half_pixel", 1>, I32EnumAttrCase<"pytorch_half_pixel", 2>,
  I32EnumAttrCase<"asymmetric", 3>]>;
def Tpu_ResizeCoordModeAttr : EnumAttr<Tpu_Dialect, Tpu_ResizeCoordMode, "coord_mode">;
def Tpu_BufferType : Tpu_Enum<"BufferType", "memory of a buffer", [I32EnumAttrCase<"GMEM", 0>, I32EnumAttrCase<"L2", 1>]>;
def Tpu_BufferTypeAttr : EnumAttr<Tpu_Dialect, Tpu_BufferType, "buffer_type">;
def Tpu_RunMode : Tpu_Enum<"RunMode", "how a sub-function runs", [
  I32EnumAttrCase<"TPU_STATIC", 0>, I32EnumAttrCase<"TPU_DYNAMIC", 1>, I32EnumAttrCase<"CPU", 2>,
  I32EnumAttrCase<"SWITCH", 3>, I32EnumAttrCase<"MERGE", 4>, I32EnumAttrCase<"LOOP", 5>]>;
def Tpu_RunModeAttr : EnumAttr<Tpu_Dialect, Tpu_RunMode, "run_mode">;

class Tpu_Words<list<string> words> : AttrConstraint<
    CPred<"::llvm::is_contained({" # !interleave(!foreach(w, words, "\"" # w # "\""), ", ") #
          "}, ::llvm::cast<::mlir::StringAttr>($_self).getValue())">,
    "one of " # !interleave(words, ", ")>;
class Tpu_WordAttr<list<string> words> : ConfinedAttr<StrAttr, [Tpu_Words<words>]>;
def Tpu_DqTypeAttr : Tpu_WordAttr<["NONE", "F16", "BF16", "INT8", "INT4", "F8E4M3", "F4", "MXF4"]>;
def Tpu_ReduceModeAttr : Tpu_WordAttr<["ReduceMin", "ReduceMax", "ReduceMean", "ReduceL2", "ReduceL1", "ReduceSum",
                                       "ReduceProd"]>;

// Where a value lives while a layer group runs, and which slices of it there are; printed as upstream prints it.
def Tpu_LayerGroupAttr : AttrDef<Tpu_Dialect, "LayerGroup"> {
  let mnemonic = "lg";
  let summary = "Local memory placement and slices of a value inside of a layer group";
  let parameters = (ins
    "int64_t":$out_addr, "int64_t":$out_size, "int64_t":$buffer_addr, "int64_t":$buffer_size, "bool":$eu_align,
    "bool":$can_merge, OptionalArrayRefParameter<"int64_t">:$in_hslice_offset,
    OptionalArrayRefParameter<"int64_t">:$n_idx, OptionalArrayRefParameter<"int64_t">:$n_slice,
    OptionalArrayRefParameter<"int64_t">:$c_idx, OptionalArrayRefParameter<"int64_t">:$c_slice,
    OptionalArrayRefParameter<"int64_t">:$d_idx, OptionalArrayRefParameter<"int64_t">:$d_slice,
    OptionalArrayRefParameter<"int64_t">:$h_idx, OptionalArrayRefParameter<"int64_t">:$h_slice,
    OptionalArrayRefParameter<"int64_t">:$w_idx, OptionalArrayRefParameter<"int64_t">:$w_slice,
    "int64_t":$id, "int64_t":$stage, "int64_t":$slice_idx, "int64_t":$group_type);
  let assemblyFormat = [{
    `<` `out_addr` `=` $out_addr `,` `out_size` `=` $out_size `,` `buffer_addr` `=` $buffer_addr `,`
    `buffer_size` `=` $buffer_size `,` `eu_align` `=` $eu_align `,` `can_merge` `=` $can_merge `,`
    `in_hslice_offset` `=` `[` (`]`) : ($in_hslice_offset^ `]`)? `,`
    `n_idx` `=` `[` (`]`) : ($n_idx^ `]`)? `,` `n_slice` `=` `[` (`]`) : ($n_slice^ `]`)? `,`
    `c_idx` `=` `[` (`]`) : ($c_idx^ `]`)? `,` `c_slice` `=` `[` (`]`) : ($c_slice^ `]`)? `,`
    `d_idx` `=` `[` (`]`) : ($d_idx^ `]`)? `,` `d_slice` `=` `[` (`]`) : ($d_slice^ `]`)? `,`
    `h_idx` `=` `[` (`]`) : ($h_idx^ `]`)? `,` `h_slice` `=` `[` (`]`) : ($h_slice^ `]`)? `,`
    `w_idx` `=` `[` (`]`) : ($w_idx^ `]`)? `,` `w_slice` `=` `[` (`]`) : ($w_slice^ `]`)? `,`
    `id` `=` $id `,` `stage` `=` $stage `,` `slice_idx` `=` $slice_idx `,` `group_type` `=` $group_type `>`
  }];
}
#endif
