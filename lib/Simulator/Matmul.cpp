// Matrix products: MM (folded layout, f32 and integers) and MM2 (one row per lane; f16, bf16, 8-bit).
#include "Elements.h"
#include "Gemm.h"
#include "GemmResult.h"

#include <algorithm>
#include <cstring>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::Mm2Op;
using bm1684x::MmOp;

namespace {

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Of a matrix: far above what local memory holds, but a constant operand has no memory to check.
constexpr int64_t maxElements = int64_t{1} << 26;

/// A matrix as raw 32-bit words, row by row.
struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<uint32_t> words;

  Matrix transposed() const {
    Matrix result{columns, rows, std::vector<uint32_t>(words.size())};
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        result.words[c * rows + r] = words[r * columns + c];
    return result;
  }
};

/// Loads an operand whose rows lie as given; a constant operand fills the matrix.
Matrix loadMatrix(const PieceAccess &access, const Operand &operand, Arrangement arrangement, int64_t rows,
                  int64_t columns, int64_t width) {
  Matrix matrix{rows, columns, std::vector<uint32_t>(rows * columns)};
  parallelFor(rows, 8, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < columns;) {
        int64_t inPlane = arrangement == Arrangement::Rows ? c : c % width;
        int64_t run = std::min({columns - c, width - inPlane, pieceElements});
        Piece piece = arrangement == Arrangement::Rows ? Piece{0, r, inPlane, run} : Piece{r, c / width, inPlane, run};
        access.load(operand, piece, &matrix.words[r * columns + c]);
        c += run;
      }
  });
  return matrix;
}

struct Product {
  Operation op;
  Operand left, right;
  Precision result;
  Arrangement arrangement;

  void multiplyHalves(const Matrix &rows, const Matrix &columns, const ResultStore &results) const;
  void multiplyFloats(const Matrix &rows, const Matrix &columns, const ResultStore &results) const;
  void multiplyInts(const Matrix &rows, bool rowsSigned, Precision rowsPrecision, const Matrix &columns,
                    bool columnsSigned, Precision columnsPrecision, const std::vector<int64_t> &rowZeroPoints,
                    const std::vector<int64_t> &columnZeroPoints, const ResultStore &results) const;
};

/// body(block, first row, count, row bases) for tiles of the product; operands of a row lie `pitch` apart.
template <typename Body> void forEachTile(int64_t rows, int64_t columns, int64_t pitch, Body body) {
  constexpr int64_t tileRows = 48;
  int64_t tiles = ceilDiv(rows, tileRows), blocks = ceilDiv(columns, gemmColumns);
  parallelFor(blocks * tiles, 1, [&](int64_t begin, int64_t end) {
    kernels::FlushDenormals scope;
    int64_t base[tileRows];
    for (int64_t item = begin; item < end; ++item) {
      int64_t first = item % tiles * tileRows, count = std::min(tileRows, rows - first);
      for (int64_t r = 0; r < count; ++r)
        base[r] = (first + r) * pitch;
      body(item / tiles, first, count, base);
    }
  });
}

/// [K][N] words → blocks of [K][16] values.
template <typename T, typename Value> std::vector<T> packColumns(const Matrix &matrix, Value value) {
  int64_t blocks = ceilDiv(matrix.columns, gemmColumns);
  std::vector<T> packed(blocks * matrix.rows * gemmColumns);
  parallelFor(blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      int64_t first = block * gemmColumns, width = std::min<int64_t>(gemmColumns, matrix.columns - first);
      for (int64_t k = 0; k < matrix.rows; ++k)
        for (int64_t c = 0; c < width; ++c)
          packed[(block * matrix.rows + k) * gemmColumns + c] = value(matrix.words[k * matrix.columns + first + c]);
    }
  });
  return packed;
}

void Product::multiplyHalves(const Matrix &rows, const Matrix &columns, const ResultStore &results) const {
  auto value = [&](uint32_t bits) { return kernels::halfToFloat(left.precision, static_cast<uint16_t>(bits)); };
  std::vector<float> x(rows.words.size() + 64), packed = packColumns<float>(columns, value);
  std::transform(rows.words.begin(), rows.words.end(), x.begin(), value);
  std::vector<TermGroup> groups;
  for (int64_t k = 0; k < rows.columns; k += 32)
    groups.push_back({k, static_cast<int32_t>(std::min<int64_t>(32, rows.columns - k))});
  forEachTile(rows.rows, columns.columns, rows.columns,
              [&](int64_t block, int64_t first, int64_t count, const int64_t *base) {
                alignas(64) float sums[64 * gemmColumns];
                results.startSums(block, first, count, sums, nullptr);
                TPU_SIMD_DISPATCH(sim, multiplyHalf)
                (x.data(), base, count, groups.data(), static_cast<int64_t>(groups.size()),
                 packed.data() + block * rows.columns * gemmColumns, sums);
                results.storeFloats(block, first, count, sums);
              });
}

void Product::multiplyFloats(const Matrix &rows, const Matrix &columns, const ResultStore &results) const {
  std::vector<float> x(rows.words.size() + 64), packed = packColumns<float>(columns, kernels::floatOf);
  std::transform(rows.words.begin(), rows.words.end(), x.begin(), kernels::floatOf);
  std::vector<int64_t> offsets(rows.columns);
  for (int64_t k = 0; k < rows.columns; ++k)
    offsets[k] = k;
  forEachTile(rows.rows, columns.columns, rows.columns,
              [&](int64_t block, int64_t first, int64_t count, const int64_t *base) {
                alignas(64) float sums[64 * gemmColumns], evenStart[gemmColumns];
                results.startSums(block, first, count, sums, evenStart);
                TPU_SIMD_DISPATCH(sim, multiplyF32)
                (x.data(), base, count, offsets.data(), rows.columns,
                 packed.data() + block * rows.columns * gemmColumns, evenStart, results.accumulates(), sums);
                results.storeFloats(block, first, count, sums);
              });
}

void Product::multiplyInts(const Matrix &rows, bool rowsSigned, Precision rowsPrecision, const Matrix &columns,
                           bool columnsSigned, Precision columnsPrecision, const std::vector<int64_t> &rowZeroPoints,
                           const std::vector<int64_t> &columnZeroPoints, const ResultStore &results) const {
  int64_t depth = rows.columns;
  // 64-bit sums that wrap, as the chip's.
  forEachTile(rows.rows, columns.columns, depth, [&](int64_t block, int64_t first, int64_t count, const int64_t *base) {
    uint64_t sums[64 * gemmColumns] = {};
    int64_t firstColumn = block * gemmColumns, width = std::min<int64_t>(gemmColumns, columns.columns - firstColumn);
    std::vector<int64_t> column(depth * gemmColumns);
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t c = 0; c < width; ++c)
        column[k * gemmColumns + c] =
            signExtend(columns.words[k * columns.columns + firstColumn + c], columnsPrecision, columnsSigned) -
            (columnZeroPoints.empty() ? 0 : columnZeroPoints[firstColumn + c]);
    for (int64_t r = 0; r < count; ++r)
      for (int64_t k = 0; k < depth; ++k) {
        int64_t x = signExtend(rows.words[base[r] + k], rowsPrecision, rowsSigned) -
                    (rowZeroPoints.empty() ? 0 : rowZeroPoints[first + r]);
        for (int64_t c = 0; c < gemmColumns; ++c)
          sums[r * gemmColumns + c] += static_cast<uint64_t>(x) * static_cast<uint64_t>(column[k * gemmColumns + c]);
      }
    results.storeInts(block, first, count, reinterpret_cast<int64_t *>(sums));
  });
}

// ------------------------------------------------------------------------------------------------------------- MM2

struct RowProduct : Product {
  Mm2Op kind;
  int64_t m, k, n; // result m × n; for tt the stored result is n × m
  Operand zeroPoint;
  int old = -1;

  explicit RowProduct(FieldReader &fields) : kind(static_cast<Mm2Op>(fields.subOp())) {
    arrangement = Arrangement::Rows;
    Precision precision = fields.precision(Field::opd0_prec);
    result = fields.precision(Field::res0_prec);
    int64_t resultRows = fields.size(Field::res0_c), resultColumns = fields.size(Field::res0_w);
    int64_t rightRows = fields.size(Field::opd1_c), rightColumns = fields.size(Field::opd1_w);
    bool turned = kind == Mm2Op::Tt;
    m = turned ? resultColumns : resultRows, n = turned ? resultRows : resultColumns;
    k = kind == Mm2Op::Nn ? rightRows : rightColumns;
    fields.require((kind == Mm2Op::Nn ? rightColumns : rightRows) == n,
                   "the right matrix does not have the result's columns");
    bool integer = precision == Precision::I8;
    fields.require(integer ? result == Precision::I32
                           : isHalf(precision) && (result == precision || result == Precision::F32),
                   "this result type does not go with the operands'");
    fields.require(m >= 1 && k >= 1 && n >= 1, "a size is 0");
    fields.require(m * k <= maxElements && k * n <= maxElements, "a matrix is too large");
    if (fields.failed())
      return;
    int bytes = byteWidth(precision);
    auto matrix = [&](Field constant, Field address, Field isSigned, int64_t rows, int64_t columns) {
      Operand operand{.precision = precision,
                      .isSigned = fields.flag(isSigned),
                      .isConstant = fields.flag(constant),
                      .constant = static_cast<uint32_t>(fields[address])};
      if (!operand.isConstant)
        operand.read = op.addRead(alignedRegion(fields[address], {1, rows, 1, columns}, bytes));
      return operand;
    };
    left = matrix(Field::opd0_const, Field::opd0_addr, Field::opd0_sign, turned ? k : m, turned ? m : k);
    right = matrix(Field::opd1_const, Field::opd1_addr, Field::opd1_sign, rightRows, rightColumns);
    if (integer) {
      zeroPoint = {.precision = Precision::I8,
                   .isSigned = right.isSigned,
                   .isConstant = fields.flag(Field::opd2_const),
                   .constant = static_cast<uint32_t>(fields[Field::opd2_addr])};
      if (!zeroPoint.isConstant) // tt: one per row of the stored right matrix; otherwise the same row in all lanes
        zeroPoint.read = op.addRead(turned ? perChannelRegion(fields[Field::opd2_addr], {1, n, 1, 1}, 1)
                                           : alignedRegion(fields[Field::opd2_addr], {1, 1, 1, n}, 1));
    }
    op.addWrite(alignedRegion(fields[Field::res0_addr], {1, resultRows, 1, resultColumns}, byteWidth(result)));
    if (fields.flag(Field::res_add))
      old = op.addRead(alignedRegion(fields[Field::res0_addr], {1, resultRows, 1, resultColumns}, 4));
    op.overlapSafe = true;
  }

  Error run(const Context &context) const {
    PieceAccess access(op, context);
    bool turned = kind == Mm2Op::Tt, integer = left.precision == Precision::I8;
    Matrix l = loadMatrix(access, left, Arrangement::Rows, turned ? k : m, turned ? m : k, turned ? m : k);
    Matrix r = kind == Mm2Op::Nn ? loadMatrix(access, right, Arrangement::Rows, k, n, n)
                                 : loadMatrix(access, right, Arrangement::Rows, n, k, k);
    // tt computes the transpose: the rows of the right matrix times the columns of the left one as they are stored.
    const Matrix &rows = turned ? r : l;
    const Matrix columns = turned ? std::move(l) : kind == Mm2Op::Nn ? std::move(r) : r.transposed();
    ResultStore results(op, context, Arrangement::Rows, result, rows.rows, columns.columns);
    if (old >= 0)
      results.readOld(old, integer ? Precision::I32 : Precision::F32, true);
    if (!integer) {
      multiplyHalves(rows, columns, results);
      return Error::success();
    }
    std::vector<int64_t> zeroPoints(n);
    for (int64_t i = 0; i < n; ++i)
      if (turned || zeroPoint.isConstant)
        zeroPoints[i] = signExtend(access.channelBits(zeroPoint, i) & 0xFF, Precision::I8, right.isSigned);
    if (!turned && !zeroPoint.isConstant)
      for (int64_t i = 0; i < n; i += pieceElements)
        access.load(zeroPoint, {0, 0, i, std::min(pieceElements, n - i)}, zeroPoints.data() + i);
    if (turned)
      multiplyInts(rows, right.isSigned, Precision::I8, columns, left.isSigned, Precision::I8, zeroPoints, {}, results);
    else
      multiplyInts(rows, left.isSigned, Precision::I8, columns, right.isSigned, Precision::I8, {}, zeroPoints, results);
    return Error::success();
  }
};

// -------------------------------------------------------------------------------------------------------------- MM

struct FoldedProduct : Product {
  MmOp kind;
  bool leftTransposed;
  int64_t m, k, n;
  int64_t leftRows, leftColumns, leftWidth, width;
  Operand third; // bias, or shift of integer products
  bool hasThird = false;
  int old = -1;
  IntegerFinish finish;
  RoundMode mode = RoundMode::HalfEven;

  explicit FoldedProduct(FieldReader &fields) : kind(static_cast<MmOp>(fields.subOp())) {
    arrangement = Arrangement::Folded;
    Precision precision = fields.precision(Field::opd0_prec);
    result = fields.precision(Field::res0_prec);
    leftTransposed = fields.flag(Field::left_tran);
    leftRows = fields.size(Field::opd0_n), leftWidth = fields.size(Field::opd0_w);
    int64_t leftChannels = fields.size(Field::opd0_c), last = fields.size(Field::opd1_w);
    leftColumns = (leftChannels - 1) * leftWidth + last;
    m = leftTransposed ? leftColumns : leftRows, k = leftTransposed ? leftRows : leftColumns;
    width = fields.size(Field::res0_w);
    int64_t channels = fields.size(Field::res0_c);
    n = width * channels;
    fields.require(leftRows >= 1 && leftWidth >= 1 && leftChannels >= 1 && last >= 1 && last <= leftWidth && n >= 1,
                   "a matrix has size 0 or more columns in its last channel than in the others");
    fields.require(m * k <= maxElements && k * n <= maxElements, "a matrix is too large");
    bool requantizes = kind != MmOp::Normal;
    if (precision == Precision::F32)
      fields.require(!requantizes && result == Precision::F32, "f32 matrices have an f32 product without shift");
    else if (requantizes)
      fields.require(precision == Precision::I8 && (result == Precision::I8 || result == Precision::I16),
                     "a shifted product takes 8-bit operands and gives 8 or 16 bits");
    else
      fields.require(!isFloat(precision) && result == Precision::I32,
                     "this result type does not go with the operands'");
    if (fields.failed())
      return;
    int bytes = byteWidth(precision);
    left = {.precision = precision,
            .isSigned = fields.flag(Field::opd0_sign),
            .isConstant = fields.flag(Field::opd0_const),
            .constant = static_cast<uint32_t>(fields[Field::opd0_addr])};
    if (!left.isConstant)
      left.read = op.addRead(alignedRegion(fields[Field::opd0_addr], {leftRows, leftChannels, 1, leftWidth}, bytes));
    right = {.precision = precision, .isSigned = fields.flag(Field::opd1_sign)};
    right.read = op.addRead(alignedRegion(fields[Field::opd1_addr], {k, channels, 1, width}, bytes));
    readThird(fields, precision, channels);
    Shape resultShape{m, channels, 1, width};
    op.addWrite(alignedRegion(fields[Field::res0_addr], resultShape, byteWidth(result)));
    if (fields.flag(Field::res_add)) {
      fields.require(precision == Precision::F32 || requantizes,
                     "an integer product without shift cannot be added to its result");
      // Shifted products always read the old value as 16-bit data.
      old = op.addRead(alignedRegion(fields[Field::res0_addr], resultShape, requantizes ? 2 : 4));
    }
    op.overlapSafe = true;
  }

  void readThird(FieldReader &fields, Precision precision, int64_t channels) {
    bool requantizes = kind != MmOp::Normal;
    if (precision == Precision::I8 && !requantizes) { // the shift field has no effect
      finish = {.kind = IntegerFinish::Wrap};
      return;
    }
    hasThird = true;
    third = {.precision = requantizes                   ? Precision::I16
                          : precision == Precision::F32 ? Precision::F32
                                                        : Precision::I8,
             .isSigned = requantizes ? fields.flag(Field::opd2_sign) : true,
             .isConstant = fields.flag(Field::opd2_const),
             .constant = static_cast<uint32_t>(fields[Field::opd2_addr])};
    if (!third.isConstant)
      third.read =
          op.addRead(alignedRegion(fields[Field::opd2_addr], {1, channels, 1, width}, byteWidth(third.precision)));
    if (requantizes) {
      bool relu = kind == MmOp::WrqRelu;
      auto shifts = static_cast<uint32_t>(fields[Field::opd3_addr]);
      finish = {.kind = IntegerFinish::ShiftRight,
                .isSigned = !relu && (left.isSigned || right.isSigned || third.isSigned),
                .relu = relu,
                .leftShift = static_cast<int>(shifts & 0xFF),
                .rightShift = static_cast<int>(shifts >> 8 & 0xFF)};
      fields.require(finish.leftShift <= 32 && finish.rightShift <= 63, "a shift of the product is out of range");
    } else if (precision != Precision::F32) {
      mode = fields.rounding();
      finish = {.kind = IntegerFinish::Wrap};
    }
  }

  Error run(const Context &context) const;
};

Error FoldedProduct::run(const Context &context) const {
  PieceAccess access(op, context);
  Matrix stored = loadMatrix(access, left, Arrangement::Folded, leftRows, leftColumns, leftWidth);
  Matrix rows = leftTransposed ? stored.transposed() : std::move(stored);
  Matrix columns = loadMatrix(access, right, Arrangement::Folded, k, n, width);
  ResultStore results(op, context, Arrangement::Folded, result, m, n);
  results.finish = finish;
  bool requantizes = kind != MmOp::Normal;
  if (old >= 0)
    results.readOld(old, requantizes ? Precision::I16 : Precision::F32,
                    requantizes ? left.isSigned || right.isSigned || third.isSigned : true);
  Matrix extra;
  if (hasThird)
    extra = loadMatrix(access, third, Arrangement::Folded, 1, n, width);
  if (left.precision == Precision::F32) {
    std::transform(extra.words.begin(), extra.words.end(), std::back_inserter(results.bias), kernels::floatOf);
    multiplyFloats(rows, columns, results);
    return Error::success();
  }
  if (requantizes)
    for (uint32_t bits : extra.words)
      results.integerBias.push_back(signExtend(bits, Precision::I16, third.isSigned));
  else if (left.precision == Precision::I32) {
    std::vector<int> shifts;
    for (uint32_t bits : extra.words)
      shifts.push_back(static_cast<int8_t>(bits));
    results.columnShifts = std::move(shifts);
    results.shiftMode = mode;
  }
  multiplyInts(rows, left.isSigned, left.precision, columns, right.isSigned, right.precision, {}, {}, results);
  return Error::success();
}

template <typename Kind> Prepared prepareProduct(const Instruction &insn) {
  FieldReader fields(insn);
  auto product = std::make_shared<Kind>(fields);
  if (Error error = fields.takeError())
    return error;
  Operation op = product->op;
  op.run = [product](const Context &context) { return product->run(context); };
  return op;
}

} // namespace

Prepared sim::prepareMatmulRows(const Instruction &insn) { return prepareProduct<RowProduct>(insn); }
Prepared sim::prepareMatmulFolded(const Instruction &insn) { return prepareProduct<FoldedProduct>(insn); }
