// fuse-preprocess: see Passes.td. The picture's way from bytes to the network's values, as ops in front of the network.
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSwitch.h"

#include <array>

using namespace mlir;

namespace tpu_mlir::top {
#define GEN_PASS_DEF_FUSEPREPROCESS
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h.inc"

namespace {
/// Rows of aligned frames are whole multiples of this many bytes.
constexpr int64_t rowAlignment = 32;

enum class Coding { Planar, Packed, I420, NV12, NV21 };

/// How bytes lie in a frame. colors: the order of its channels.
struct FrameFormat {
  std::string name;
  StringRef colors;
  Coding coding = Coding::Planar;

  int64_t channels() const { return colors == "gray" ? 1 : colors == "rgba" ? 4 : 3; }
  bool isYuv() const { return coding != Coding::Planar && coding != Coding::Packed; }
};

std::optional<FrameFormat> formatNamed(StringRef name) {
  FrameFormat made{name.str(), "", Coding::Planar};
  made.colors = llvm::StringSwitch<StringRef>(name)
                    .Cases("RGB_PLANAR", "RGB_PACKED", "rgb")
                    .Cases("BGR_PLANAR", "BGR_PACKED", "bgr")
                    .Cases("YUV420_PLANAR", "YUV_NV12", "YUV_NV21", "rgb")
                    .Case("GRAYSCALE", "gray")
                    .Case("RGBA_PLANAR", "rgba")
                    .Default("");
  made.coding = llvm::StringSwitch<Coding>(name)
                    .Cases("RGB_PACKED", "BGR_PACKED", Coding::Packed)
                    .Case("YUV420_PLANAR", Coding::I420)
                    .Case("YUV_NV12", Coding::NV12)
                    .Case("YUV_NV21", Coding::NV21)
                    .Default(Coding::Planar);
  return made.colors.empty() ? std::nullopt : std::optional(made);
}

/// The format of the pictures that the network was trained with.
std::string ownFormat(StringRef colors, bool nhwc) {
  if (colors == "gray")
    return "GRAYSCALE";
  if (colors == "rgba")
    return "RGBA_PLANAR";
  return colors.upper() + (nhwc ? "_PACKED" : "_PLANAR");
}

/// The ops for one input. Values are bytes with the quantization "value = byte" until `normalize`.
class Fusion {
public:
  Fusion(InputOp input, FrameFormat format, bool aligned, bool exactInFloats)
      : input(input), builder(input), format(std::move(format)), aligned(aligned), exactInFloats(exactInFloats),
        type(cast<RankedTensorType>(input.getOutput().getType())), name(nameOf(input.getOutput()).str()),
        bytes(uniformType({ElementType::U8, 1.0, 0, 0, 255}, builder.getF32Type())) {
    nhwc = input.getChannelFormat() && *input.getChannelFormat() == "nhwc";
    ArrayRef<int64_t> shape = type.getShape();
    batch = shape[0];
    channels = nhwc ? shape[3] : shape[1];
    height = nhwc ? shape[1] : shape[2];
    width = nhwc ? shape[2] : shape[3];
    Shape frame = i64ValuesOr(input.getResizeDims(), 0, 0);
    frameHeight = frame.size() == 2 ? frame[0] : height;
    frameWidth = frame.size() == 2 ? frame[1] : width;
  }

  LogicalResult run() {
    if (failed(check()))
      return failure();
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : input.getOutput().getUses())
      uses.push_back(&use);
    Value value = openFrame();
    value = format.isYuv() ? colorsOfYuv(value) : channelsOf(value);
    value = normalize(value);
    if (nhwc)
      value = permute(value, {0, 2, 3, 1}, "_nhwc");
    for (OpOperand *use : uses)
      use->set(value);
    return success();
  }

private:
  LogicalResult refuse(const Twine &reason) { return input.emitOpError() << "'" << name << "': " << reason; }

  LogicalResult check() {
    StringRef wanted = input.getPixelFormat().value_or("bgr");
    if (channels != 1 && channels != 3 && channels != 4)
      return refuse("an input of " + Twine(channels) + " channels is no picture; leave out fuse-preprocess");
    bool same = format.channels() == channels || (format.channels() == 4 && channels == 3);
    if (!same || (format.colors == "gray") != (channels == 1))
      return refuse("frames of the format " + format.name + " have " + Twine(format.channels()) +
                    " channels, the network takes " + Twine(channels) + "; choose another customization_format");
    if (wanted != "rgb" && wanted != "bgr" && wanted != "gray" && wanted != "rgba")
      return refuse("pictures of sensor data (" + wanted + ") are not supported; convert them to RGB before");
    if (frameHeight < height || frameWidth < width)
      return refuse("resize_dims " + Twine(frameHeight) + " x " + Twine(frameWidth) + " are smaller than the input");
    if (format.isYuv() && (frameHeight % 2 || frameWidth % 2))
      return refuse("frames of 4:2:0 chroma have even sizes, resize_dims are " + Twine(frameHeight) + " x " +
                    Twine(frameWidth));
    for (std::optional<ArrayAttr> list : {input.getMean(), input.getScale()})
      if (list && !list->empty() && list->size() != 1 &&
          static_cast<int64_t>(list->size()) < std::min<int64_t>(channels, 3))
        return refuse("has " + Twine(list->size()) + " means or scales for " + Twine(channels) + " channels");
    return success();
  }

  // ------------------------------------------------------------------------------------------------- ops

  Value make(StringRef op, ValueRange operands, ArrayRef<int64_t> shape, Type element, NamedAttrList attrs,
             StringRef suffix) {
    OperationName known(op, builder.getContext());
    known.getRegisteredInfo()->populateDefaultAttrs(attrs);
    OperationState state(nameLoc(builder.getContext(), name + suffix.str()), known, operands,
                         TypeRange{RankedTensorType::get(shape, element)}, attrs);
    return builder.create(state)->getResult(0);
  }

  static Type elementOf(Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); }

  Value slice(Value value, int64_t axis, int64_t begin, int64_t end, StringRef suffix) {
    Shape shape(shapeOf(value)), offset(shape.size(), 0), ends = shape;
    if (begin == 0 && end == shape[axis])
      return value;
    offset[axis] = begin;
    shape[axis] = end - begin;
    ends[axis] = end;
    NamedAttrList attrs;
    attrs.set("offset", builder.getI64ArrayAttr(offset));
    attrs.set("steps", builder.getI64ArrayAttr(Shape(shape.size(), 1)));
    attrs.set("ends", builder.getI64ArrayAttr(ends));
    Value none = noneFor(input);
    return make(SliceOp::getOperationName(), {value, none, none, none}, shape, elementOf(value), attrs, suffix);
  }

  Value reshape(Value value, ArrayRef<int64_t> shape, StringRef suffix) {
    NamedAttrList attrs;
    attrs.set("shape", builder.getI64ArrayAttr(shape));
    return make(ReshapeOp::getOperationName(), value, shape, elementOf(value), attrs, suffix);
  }

  Value permute(Value value, ArrayRef<int64_t> order, StringRef suffix) {
    Shape shape;
    for (int64_t axis : order)
      shape.push_back(shapeOf(value)[axis]);
    NamedAttrList attrs;
    attrs.set("order", builder.getI64ArrayAttr(order));
    return make(PermuteOp::getOperationName(), value, shape, elementOf(value), attrs, suffix);
  }

  Value concatChannels(ValueRange parts, StringRef suffix) {
    Shape shape(shapeOf(parts.front()));
    shape[1] = 0;
    for (Value part : parts)
      shape[1] += shapeOf(part)[1];
    NamedAttrList attrs;
    attrs.set("axis", builder.getIntegerAttr(builder.getIntegerType(32, /*isSigned=*/true), 1));
    return make(ConcatOp::getOperationName(), parts, shape, elementOf(parts.front()), attrs, suffix);
  }

  /// Marks the op as one to be computed in f32 whatever the network's mode.
  Value inFloats(Value value) {
    value.getDefiningOp()->setAttr("preprocess", builder.getUnitAttr());
    return value;
  }

  // ------------------------------------------------------------------------------------------------- steps

  static int64_t alignedRow(int64_t bytes) { return (bytes + rowAlignment - 1) / rowAlignment * rowAlignment; }

  /// The network's input becomes a frame of bytes; returns it without the padding of its rows.
  Value openFrame() {
    int64_t row = format.coding == Coding::Packed ? frameWidth * format.channels() : frameWidth;
    int64_t stored = aligned ? alignedRow(row) : row;
    Shape shape{batch, format.channels(), frameHeight, stored};
    if (format.isYuv())
      shape = {batch, 1, frameHeight / 2 * 3, stored};
    else if (format.coding == Coding::Packed)
      shape = aligned ? Shape{batch, 1, frameHeight, stored} : Shape{batch, frameHeight, frameWidth, format.channels()};
    auto frame = RankedTensorType::get(shape, bytes);
    input.getInput().setType(frame);
    input.getOutput().setType(frame);
    input.setCustomizationFormatAttr(builder.getStringAttr(format.name));
    input.setAlignedAttr(builder.getBoolAttr(aligned));
    input.setResizeDimsAttr(builder.getI64ArrayAttr({frameHeight, frameWidth}));
    builder.setInsertionPointAfter(input);
    Value value = input.getOutput();
    if (format.isYuv())
      return value;
    value = slice(value, aligned || format.coding == Coding::Planar ? 3 : 2, 0,
                  aligned || format.coding == Coding::Planar ? row : frameWidth, "_row");
    if (aligned && format.coding == Coding::Packed)
      value = reshape(value, {batch, frameHeight, frameWidth, format.channels()}, "_packed");
    return value;
  }

  Value crop(Value value, bool packed) {
    int64_t top = (frameHeight - height) / 2, left = (frameWidth - width) / 2;
    value = slice(value, packed ? 1 : 2, top, top + height, "_rows");
    return slice(value, packed ? 2 : 3, left, left + width, "_crop");
  }

  /// The network's channels in its order, [batch, channels, height, width].
  Value channelsOf(Value value) {
    bool packed = format.coding == Coding::Packed;
    value = crop(value, packed);
    if (packed)
      value = permute(value, {0, 3, 1, 2}, "_planar");
    return inNetworkOrder(value);
  }

  Value inNetworkOrder(Value value) {
    bool swap = format.colors != "gray" && channels == 3 &&
                (input.getPixelFormat().value_or("bgr") == "bgr") != (format.colors == "bgr");
    if (!swap)
      return slice(value, 1, 0, channels, "_colors");
    SmallVector<Value> parts;
    for (int64_t c : {2, 1, 0})
      parts.push_back(slice(value, 1, c, c + 1, "_channel" + std::to_string(c)));
    return concatChannels(parts, "_swapped");
  }

  /// Bytes [begin, end) of every frame as one row.
  Value plane(Value flat, int64_t begin, int64_t end, ArrayRef<int64_t> shape, const std::string &suffix) {
    return reshape(slice(flat, 3, begin, end, suffix + "_bytes"), shape, suffix);
  }

  /// Y, U and V planes of full size.
  SmallVector<Value> planesOfYuv(Value frame) {
    int64_t stored = shapeOf(frame)[3], luma = frameHeight * stored;
    int64_t rows = frameHeight / 2, row = stored / 2;
    Value flat = reshape(frame, {batch, 1, 1, luma / 2 * 3}, "_bytes");
    Value y = slice(plane(flat, 0, luma, {batch, 1, frameHeight, stored}, "_y"), 3, 0, frameWidth, "_y_row");
    Value u, v;
    if (format.coding == Coding::I420) {
      u = plane(flat, luma, luma / 4 * 5, {batch, 1, rows, row}, "_u");
      v = plane(flat, luma / 4 * 5, luma / 2 * 3, {batch, 1, rows, row}, "_v");
    } else {
      Value pairs = plane(flat, luma, luma / 2 * 3, {batch, rows, row, 2}, "_pairs");
      Value chroma = permute(pairs, {0, 3, 1, 2}, "_chroma");
      bool vFirst = format.coding == Coding::NV21;
      u = slice(chroma, 1, vFirst, 1 + vFirst, "_u");
      v = slice(chroma, 1, !vFirst, 1 + !vFirst, "_v");
    }
    return {y, doubled(u, "_u"), doubled(v, "_v")};
  }

  Value doubled(Value value, const std::string &suffix) {
    value = slice(value, 3, 0, frameWidth / 2, suffix + "_row");
    NamedAttrList attrs;
    attrs.set("scale_h", builder.getI64IntegerAttr(2));
    attrs.set("scale_w", builder.getI64IntegerAttr(2));
    return make(UpsampleOp::getOperationName(), value, {batch, 1, frameHeight, frameWidth}, bytes, attrs,
                suffix + "_doubled");
  }

  /// ITU-R BT.601 with luma 16 ... 235: a product with a matrix of colors, then 0 ... 255.
  Value colorsOfYuv(Value frame) {
    constexpr double y = 255.0 / 219, u = 255.0 / 224 * 1.772, v = 255.0 / 224 * 1.402;
    constexpr double ug = u * 0.114 / 0.587, vg = v * 0.299 / 0.587;
    const std::array<std::array<double, 3>, 3> rgb{{{y, 0, v}, {y, -ug, -vg}, {y, u, 0}}};
    bool bgr = input.getPixelFormat().value_or("bgr") == "bgr";
    std::vector<double> matrix, bias;
    for (int c = 0; c < 3; ++c) {
      const auto &row = rgb[bgr ? 2 - c : c];
      matrix.insert(matrix.end(), row.begin(), row.end());
      bias.push_back(-16 * row[0] - 128 * (row[1] + row[2]));
    }
    Value planes = crop(concatChannels(planesOfYuv(frame), "_yuv"), /*packed=*/false);
    Value weight = createWeightF32(builder, name + "_color_matrix", {3, 3, 1, 1}, matrix).getOutput();
    Value offset = createWeightF32(builder, name + "_color_bias", {3}, bias).getOutput();
    NamedAttrList attrs;
    attrs.set("kernel_shape", builder.getI64ArrayAttr({1, 1}));
    attrs.set("strides", builder.getI64ArrayAttr({1, 1}));
    attrs.set("pads", builder.getI64ArrayAttr({0, 0, 0, 0}));
    Shape shape{batch, 3, height, width};
    Value colors = inFloats(
        make(ConvOp::getOperationName(), {planes, weight, offset}, shape, builder.getF32Type(), attrs, "_colors"));
    NamedAttrList limits;
    limits.set("min", builder.getF64FloatAttr(0));
    limits.set("max", builder.getF64FloatAttr(255));
    return inFloats(make(ClipOp::getOperationName(), colors, shape, builder.getF32Type(), limits, "_limited"));
  }

  /// One value per channel; alpha has the neutral one.
  std::vector<double> perChannel(std::optional<ArrayAttr> list, double neutral) const {
    std::vector<double> values;
    if (list)
      for (Attribute value : *list)
        values.push_back(cast<FloatAttr>(value).getValueAsDouble());
    if (values.size() == 1)
      values.assign(channels, values[0]);
    values.resize(channels, neutral);
    return values;
  }

  /// (value - mean) * scale, as value * scale + bias.
  Value normalize(Value value) {
    std::vector<double> scale = perChannel(input.getScale(), 1), bias = perChannel(input.getMean(), 0);
    bool neutral = llvm::all_of(scale, [](double s) { return s == 1; }) &&
                   llvm::all_of(bias, [](double mean) { return mean == 0; });
    if (neutral)
      return value;
    for (int64_t c = 0; c < channels; ++c)
      bias[c] = -static_cast<float>(bias[c]) * static_cast<double>(static_cast<float>(scale[c]));
    Value factor = createWeightF32(builder, name + "_scale", {1, channels, 1, 1}, scale).getOutput();
    Value offset = createWeightF32(builder, name + "_bias", {1, channels, 1, 1}, bias).getOutput();
    Value made = make(ScaleOp::getOperationName(), {value, factor, offset}, {batch, channels, height, width},
                      type.getElementType(), {}, "_preprocess");
    return exactInFloats || format.isYuv() ? inFloats(made) : made;
  }

  InputOp input;
  OpBuilder builder;
  const FrameFormat format;
  const bool aligned, exactInFloats;
  const RankedTensorType type;
  const std::string name;
  const Type bytes;
  bool nhwc = false;
  int64_t batch, channels, height, width, frameHeight, frameWidth;
};

struct FusePreprocess : public impl::FusePreprocessBase<FusePreprocess> {
  using FusePreprocessBase::FusePreprocessBase;

  LogicalResult refuse(const Twine &text) { return emitError(getOperation().getLoc(), "fuse-preprocess: ") << text; }

  static bool isPicture(InputOp input) {
    return input.getDoPreprocess() && shapeOf(input.getOutput()).size() == 4 && hasStaticShape(input.getOutput());
  }

  FailureOr<FrameFormat> formatOf(InputOp input) {
    std::string wanted = StringRef(customizationFormat).upper();
    if (StringRef(wanted).ends_with("_RAW"))
      return refuse("frames of sensor data (" + wanted +
                    ") are not supported on bm1684x; convert them to RGB before, "
                    "and use customization_format=RGB_PLANAR");
    bool nhwc = input.getChannelFormat() && *input.getChannelFormat() == "nhwc";
    if (wanted.empty())
      wanted = ownFormat(input.getPixelFormat().value_or("bgr"), nhwc);
    std::optional<FrameFormat> format = formatNamed(wanted);
    if (!format)
      return refuse("the format '" + wanted +
                    "' is none of RGB_PLANAR, RGB_PACKED, BGR_PLANAR, BGR_PACKED, GRAYSCALE, RGBA_PLANAR, "
                    "YUV420_PLANAR, YUV_NV12, YUV_NV21");
    return *format;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<InputOp> pictures;
    module.walk([&](InputOp input) {
      if (isPicture(input))
        pictures.push_back(input);
    });
    if (pictures.empty()) {
      (void)refuse(
          "no input is a picture; give the preprocessing to model_transform (--pixel_format, --mean, --scale)");
      return signalPassFailure();
    }
    bool integers = StringRef(mode).upper() == "INT8" || StringRef(mode).upper() == "QDQ";
    for (InputOp input : pictures) {
      FailureOr<FrameFormat> format = formatOf(input);
      if (failed(format) || failed(Fusion(input, *format, align, !integers).run()))
        return signalPassFailure();
    }
    for (auto function : module.getOps<func::FuncOp>())
      function.setType(FunctionType::get(&getContext(), function.getBody().getArgumentTypes(),
                                         function.getFunctionType().getResults()));
  }
};
} // namespace
} // namespace tpu_mlir::top
