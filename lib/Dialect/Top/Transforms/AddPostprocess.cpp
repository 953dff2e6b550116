// add-postprocess: see Passes.td. Which outputs of a network are whose heads, and the op that makes boxes of them.
#include "tpu_mlir/Dialect/Top/IR/TopDetection.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace tpu_mlir::top {
#define GEN_PASS_DEF_ADDPOSTPROCESS
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h.inc"

namespace {
/// The numbers that upstream gives to every network.
constexpr double nmsThreshold = 0.5, yoloThreshold = 0.5, ssdThreshold = 0.05;
constexpr int64_t keptBoxes = 200, boxesPerCell = 3;

/// Widths and heights in pixels, of the head with most cells first.
constexpr double yolov3Anchors[] = {10, 13, 16, 30, 33, 23, 30, 61, 62, 45, 59, 119, 116, 90, 156, 198, 373, 326};
constexpr double yolov7Anchors[] = {12, 16, 19, 36, 40, 28, 36, 75, 76, 55, 72, 146, 142, 110, 192, 243, 459, 401};

struct Kind {
  StringRef name, version;  // version: of YoloDetection
  ArrayRef<double> anchors; // none for networks that give decoded boxes
};
const Kind kinds[] = {{"yolov3", "yolov3", yolov3Anchors}, {"yolov5", "yolov5", yolov3Anchors},
                      {"yolov7", "yolov5", yolov7Anchors}, {"yolov8", "yolov8", {}},
                      {"yolov11", "yolov11", {}},          {"ssd", "", {}}};

/// A head made ready to be an operand.
struct Head {
  Value value;
  int64_t classes;
};

struct AddPostprocess : public impl::AddPostprocessBase<AddPostprocess> {
  using AddPostprocessBase::AddPostprocessBase;
  void runOnOperation() override {
    if (failed(add()))
      signalPassFailure();
  }

private:
  LogicalResult add();
  FailureOr<Operation *> makeYolo(const Kind &kind, OpBuilder &builder);
  FailureOr<SmallVector<Head>> anchorHeads(OpBuilder &builder);
  FailureOr<Head> decodedBoxes(const Kind &kind, OpBuilder &builder);
  FailureOr<Operation *> makeSsd(OpBuilder &builder);
  LogicalResult findInputSize();

  /// The refusal of outputs that do not fit.
  LogicalResult refuse(const Twine &expected);
  Operation *make(StringRef op, StringRef name, ArrayRef<int64_t> shape, ValueRange operands,
                  ArrayRef<NamedAttribute> attributes, OpBuilder &builder);
  Location freeName(StringRef name);

  func::FuncOp function;
  func::ReturnOp exit;
  SmallVector<Value> outputs;
  int64_t height = 0, width = 0; // of the network's input
};
} // namespace

static std::string text(Value value) {
  std::string shape;
  for (int64_t extent : shapeOf(value))
    shape += (shape.empty() ? "" : "x") + std::to_string(extent);
  return "'" + nameOf(value).str() + "' of shape " + (shape.empty() ? "()" : shape);
}

LogicalResult AddPostprocess::refuse(const Twine &expected) {
  std::string list;
  for (Value output : outputs)
    list += (list.empty() ? "" : ", ") + text(output);
  return function.emitError() << "post-processing of " << type << " needs " << expected.str()
                              << ", but the network's outputs are " << list
                              << "; name the right ones with --output_names";
}

Location AddPostprocess::freeName(StringRef name) {
  llvm::StringSet<> used;
  function.walk([&](Operation *op) {
    for (Value result : op->getResults())
      used.insert(nameOf(result));
  });
  std::string candidate = name.str();
  for (int i = 1; used.contains(candidate); ++i)
    candidate = (name + "_" + Twine(i)).str();
  return nameLoc(&getContext(), candidate);
}

Operation *AddPostprocess::make(StringRef op, StringRef name, ArrayRef<int64_t> shape, ValueRange operands,
                                ArrayRef<NamedAttribute> attributes, OpBuilder &builder) {
  OperationState state(freeName(name), op);
  state.addOperands(operands);
  state.addTypes(RankedTensorType::get(shape, builder.getF32Type()));
  state.addAttributes(attributes);
  return builder.create(state);
}

LogicalResult AddPostprocess::findInputSize() {
  for (auto input : function.getOps<InputOp>()) {
    Shape shape = llvm::to_vector(shapeOf(input.getOutput()));
    if (shape.size() != 4)
      continue;
    auto format = input->getAttrOfType<StringAttr>("channel_format");
    const bool packed = format && format.getValue() == "nhwc";
    height = shape[packed ? 1 : 2], width = shape[packed ? 2 : 3];
    return success();
  }
  return function.emitError() << "post-processing of " << type
                              << " needs a network with a picture for input, of rank 4";
}

/// Three heads of anchors; those that exporters give as [N, 3, H, W, 5 + classes] get the layout of the convolution.
FailureOr<SmallVector<Head>> AddPostprocess::anchorHeads(OpBuilder &builder) {
  SmallVector<Head> heads;
  for (Value output : outputs) {
    Shape shape = llvm::to_vector(shapeOf(output));
    if (shape.size() == 5 && shape[1] == boxesPerCell) {
      const std::string name = nameOf(output).str();
      Operation *permute =
          make("top.Permute", name + "_channels", {shape[0], shape[1], shape[4], shape[2], shape[3]}, output,
               builder.getNamedAttr("order", builder.getI64ArrayAttr({0, 1, 4, 2, 3})), builder);
      shape = {shape[0], shape[1] * shape[4], shape[2], shape[3]};
      output = make("top.Reshape", name + "_head", shape, permute->getResults(),
                    builder.getNamedAttr("shape", builder.getI64ArrayAttr(shape)), builder)
                   ->getResult(0);
    }
    if (shape.size() != 4 || shape[1] % boxesPerCell != 0 || shape[1] / boxesPerCell < 6)
      return failure();
    heads.push_back({output, shape[1] / boxesPerCell - 5});
  }
  if (heads.size() != 3 || llvm::any_of(heads, [&](const Head &head) { return head.classes != heads[0].classes; }))
    return failure();
  return heads;
}

/// The one output with boxes that the network has decoded. yolov8, yolov11: [N, 4 + classes, boxes], or exchanged.
FailureOr<Head> AddPostprocess::decodedBoxes(const Kind &kind, OpBuilder &builder) {
  Shape shape = outputs.size() == 1 ? llvm::to_vector(shapeOf(outputs[0])) : Shape();
  if (shape.size() != 3)
    return failure();
  if (!kind.anchors.empty())
    return shape[2] > 5 ? FailureOr<Head>(Head{outputs[0], shape[2] - 5}) : FailureOr<Head>(failure());
  int64_t cells = 0; // of the heads with strides 8, 16, 32
  for (int64_t stride : {8, 16, 32})
    cells += (height / stride) * (width / stride);
  bool exchanged = shape[1] > shape[2];
  if (shape[1] == cells || shape[2] == cells)
    exchanged = shape[2] != cells;
  if (shape[exchanged ? 2 : 1] < 5)
    return failure();
  if (!exchanged)
    return Head{outputs[0], shape[1] - 4};
  Operation *permute = make("top.Permute", nameOf(outputs[0]).str() + "_channels", {shape[0], shape[2], shape[1]},
                            outputs[0], builder.getNamedAttr("order", builder.getI64ArrayAttr({0, 2, 1})), builder);
  return Head{permute->getResult(0), shape[2] - 4};
}

FailureOr<Operation *> AddPostprocess::makeYolo(const Kind &kind, OpBuilder &builder) {
  if (failed(findInputSize()))
    return failure();
  SmallVector<Head> heads;
  SmallVector<double> anchors(kind.anchors);
  const bool decoded = kind.anchors.empty() || outputs.size() == 1;
  if (decoded) {
    FailureOr<Head> boxes = decodedBoxes(kind, builder);
    if (failed(boxes))
      return refuse(kind.anchors.empty()
                        ? "one output [N, 4 + classes, boxes]"
                        : "one output [N, boxes, 5 + classes] or three of convolutions, [N, 3 * (5 + classes), H, W]");
    heads.push_back(*boxes);
    anchors = {0.0};
  } else {
    FailureOr<SmallVector<Head>> found = anchorHeads(builder);
    if (failed(found))
      return refuse("three outputs of convolutions, [N, 3 * (5 + classes), H, W]");
    heads = *found;
  }
  SmallVector<Value> operands;
  for (const Head &head : heads)
    operands.push_back(head.value);
  const int64_t images = shapeOf(operands[0])[0];
  auto integer = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  auto number = [&](StringRef name, double value) {
    return builder.getNamedAttr(name, builder.getF64FloatAttr(value));
  };
  SmallVector<NamedAttribute> attributes = {
      integer("net_input_h", height),
      integer("net_input_w", width),
      number("nms_threshold", nmsThreshold),
      number("obj_threshold", yoloThreshold),
      integer("keep_topk", keptBoxes),
      builder.getNamedAttr("anchors", builder.getF64ArrayAttr(anchors)),
      builder.getNamedAttr("version", builder.getStringAttr(kind.version)),
      integer("class_num", heads[0].classes),
      integer("num_boxes", boxesPerCell),
      builder.getNamedAttr("agnostic_nms", builder.getBoolAttr(false)),
  };
  return make(YoloDetectionOp::getOperationName(), "yolo_post", {1, 1, images * keptBoxes, 7}, operands, attributes,
              builder);
}

FailureOr<Operation *> AddPostprocess::makeSsd(OpBuilder &builder) {
  constexpr StringLiteral expected =
      "three outputs, locations [N, P * 4], class probabilities [N, P * classes] and priors [1, 2, P * 4]";
  auto isPriors = [](Value value) {
    ArrayRef<int64_t> shape = shapeOf(value);
    return shape.size() == 3 && shape[1] == 2 && shape[2] % 4 == 0;
  };
  auto *priors = llvm::find_if(outputs, isPriors);
  if (outputs.size() != 3 || priors == outputs.end())
    return refuse(expected);
  const int64_t boxes = shapeOf(*priors)[2] / 4;
  SmallVector<Value> rest;
  for (Value output : outputs)
    if (output != *priors)
      rest.push_back(output);
  auto perBox = [&](Value value) {
    const int64_t perImage = shapeOf(value).empty() ? 0 : product(shapeOf(value).drop_front());
    return perImage % boxes == 0 ? perImage / boxes : 0;
  };
  if (rest.size() == 2 && perBox(rest[0]) != 4)
    std::swap(rest[0], rest[1]);
  if (rest.size() != 2 || perBox(rest[0]) != 4 || perBox(rest[1]) < 2)
    return refuse(expected);
  const int64_t images = shapeOf(rest[0])[0];
  NamedAttribute attributes[] = {
      builder.getNamedAttr("num_classes", builder.getI64IntegerAttr(perBox(rest[1]))),
      builder.getNamedAttr("background_label_id", builder.getI64IntegerAttr(0)),
      builder.getNamedAttr("nms_threshold", builder.getF64FloatAttr(nmsThreshold)),
      builder.getNamedAttr("top_k", builder.getI64IntegerAttr(keptBoxes)),
      builder.getNamedAttr("code_type", builder.getStringAttr("CENTER_SIZE")),
      builder.getNamedAttr("keep_top_k", builder.getI64IntegerAttr(keptBoxes)),
      builder.getNamedAttr("confidence_threshold", builder.getF64FloatAttr(ssdThreshold)),
      builder.getNamedAttr("share_location", builder.getBoolAttr(true)),
      builder.getNamedAttr("variance_encoded_in_target", builder.getF64FloatAttr(0)),
      builder.getNamedAttr("eta", builder.getF64FloatAttr(1)),
  };
  return make(DetectionOutputOp::getOperationName(), "ssd_post", {1, 1, images * keptBoxes, 7},
              {rest[0], rest[1], *priors}, attributes, builder);
}

LogicalResult AddPostprocess::add() {
  ModuleOp module = getOperation();
  auto *kind = llvm::find_if(kinds, [&](const Kind &k) { return k.name == type; });
  if (kind == std::end(kinds))
    return module.emitError() << "there is no post-processing '" << type
                              << "'; there are yolov3, yolov5, yolov7, yolov8, yolov11 and ssd";
  if (auto before = module->getAttrOfType<StringAttr>("module.postprocess"))
    return module.emitError() << "the network has the post-processing '" << before.getValue() << "' already";
  function = module.lookupSymbol<func::FuncOp>("main");
  if (!function || function.isExternal())
    return module.emitError() << "post-processing needs a network with a function main";
  exit = dyn_cast<func::ReturnOp>(function.getBody().front().getTerminator());
  if (!exit || exit.getNumOperands() == 0 || !llvm::all_of(exit.getOperands(), hasStaticShape))
    return function.emitError() << "post-processing needs a network whose outputs have known shapes";
  outputs = llvm::to_vector(exit.getOperands());
  module->setAttr("module.postprocess", StringAttr::get(&getContext(), type));
  OpBuilder builder(exit);
  FailureOr<Operation *> made = kind->version.empty() ? makeSsd(builder) : makeYolo(*kind, builder);
  if (failed(made) || failed(mlir::verify(*made)))
    return failure();
  exit->setOperands((*made)->getResults());
  function.setType(builder.getFunctionType(function.getArgumentTypes(), (*made)->getResultTypes()));
  return success();
}
} // namespace tpu_mlir::top
