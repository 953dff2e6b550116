// The Top dialect: chip-independent, f32 (or calibrated) tensors; names, operands and attributes are upstream's.
#ifndef TPU_MLIR_TOP_BASE
#define TPU_MLIR_TOP_BASE
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tpu_mlir/Interfaces/OpInterfaces.td"

def Top_Dialect : Dialect {
  let name = "top";
  let summary = "Chip-independent network ops";
  let cppNamespace = "::tpu_mlir::top";
  // The text form is interchanged with upstream's parser, which knows no properties.
  let usePropertiesForAttributes = 0;
  let hasCanonicalizer = 1;
  let hasNonDefaultDestructor = 1;
  let extraClassDeclaration = [{
    /// The values of the weights of the modules in this context.
    WeightStore &getWeights() const { return *weights; }
    /// For the families of ops, each of which is compiled on its own.
    template <typename... Ops> void registerOps() { addOperations<Ops...>(); }

  private:
    std::unique_ptr<WeightStore> weights;
  }];
}

def AnyTensorOrNone : AnyTypeOf<[AnyRankedTensor, AnyUnrankedTensor, NoneType]>;

class Top_BaseOp<string mnemonic, list<Trait> traits = []> : Op<Top_Dialect, mnemonic, traits>;
class Top_Op<string mnemonic, list<Trait> traits = []>
  : Top_BaseOp<mnemonic, !listconcat([Pure, DeclareOpInterfaceMethods<ShapeInterface>,
                                      DeclareOpInterfaceMethods<FlopsInterface>], traits)> {
  let hasVerifier = 1;
}

// A string attribute that takes one of the listed words.
class Top_Words<list<string> words> : AttrConstraint<
    CPred<"::llvm::is_contained({" # !interleave(!foreach(w, words, "\"" # w # "\""), ", ") #
          "}, ::llvm::cast<::mlir::StringAttr>($_self).getValue())">,
    "one of " # !interleave(words, ", ")>;
class Top_WordAttr<list<string> words> : ConfinedAttr<StrAttr, [Top_Words<words>]>;
def Top_AutoPadModeAttr : Top_WordAttr<["SAME_UPPER", "SAME_LOWER", "NOTSET", "VALID"]>;
def Top_StoreModeAttr : Top_WordAttr<["1N", "2N", "4N"]>;
def Top_PlaceHolderAttr : Top_WordAttr<["Auto", "F32", "None"]>;
def Top_PixelFormatAttr : Top_WordAttr<["rgb", "bgr", "gray", "rgba", "gbrg", "grbg", "bggr", "rggb"]>;
def Top_ChannelFormatAttr : Top_WordAttr<["nhwc", "nchw"]>;
def Top_PadModeAttr : Top_WordAttr<["normal", "center"]>;
def Top_RoundModeAttr : Top_WordAttr<["HalfAwayFromZero", "HalfUp", "HalfDown", "HalfToEven", "HalfToOdd",
                                      "HalfTowardsZero", "TowardsZero", "Up", "Down"]>;
def Top_DqTypeAttr : Top_WordAttr<["NONE", "F16", "BF16", "INT8", "INT4", "F8E4M3", "F4", "MXF4"]>;
def Top_GELUModeAttr : Top_WordAttr<["normal", "tanh", "sigm"]>;
def Top_PaddingModeAttr : Top_WordAttr<["constant", "reflect", "symmetric", "edge"]>;
def Top_InterpModeAttr : Top_WordAttr<["nearest", "linear"]>;
def Top_InterpCoordModeAttr : Top_WordAttr<["align_corners", "half_pixel", "pytorch_half_pixel", "asymmetric"]>;
def Top_ReduceModeAttr : Top_WordAttr<["ReduceMin", "ReduceMax", "ReduceMean", "ReduceL2", "ReduceL1", "ReduceSum",
                                       "ReduceProd"]>;
def Top_ArgModeAttr : Top_WordAttr<["ArgMin", "ArgMax"]>;
def Top_BinaryShiftAttr : Top_WordAttr<["Add", "Sub", "Mul"]>;
def Top_CompareModeAttr : Top_WordAttr<["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "NotEqual", "And",
                                        "Not", "Xor"]>;
def Top_DequantModeAttr : Top_WordAttr<["Normal", "TFLite"]>;
def Top_DetectionOutputCodeTypeAttr : Top_WordAttr<["CORNER", "CENTER_SIZE", "CORNER_SIZE"]>;
def Top_ImageOutFormatAttr : Top_WordAttr<["FLOAT32", "UINT8"]>;
def Top_NonZeroOrderAttr : Top_WordAttr<["ColMajor", "RowMajor"]>;
def Top_RequantModeAttr : Top_WordAttr<["TFLite_LShift", "TFLite", "MultiplierShift", "OnlyShift", "QDM", "OnlyScale"]>;
def Top_RoiAlignModeAttr : Top_WordAttr<["Avg", "Max"]>;
def Top_RopeModeAttr : Top_WordAttr<["interleaved_pairs", "contiguous_halves"]>;
def Top_YoloVersionAttr : Top_WordAttr<["yolov3", "yolov3_tiny", "yolov3_spp", "yolov4", "yolov5", "yolov8", "yolov11",
                                        "yolov26"]>;
def Top_Yuv2rgbFormulaAttr : Top_WordAttr<["_601_limited", "_601_full"]>;
#endif
