#include "WindowGeometry.h"

#include <algorithm>

using namespace tpu_mlir::sim;
using tpu_mlir::bm1684x::PadMode;

namespace {

std::vector<int32_t> sources(int64_t size, int64_t inserted, int64_t before, int64_t after, PadMode mode) {
  int64_t length = (size - 1) * (inserted + 1) + 1;
  std::vector<int32_t> map;
  map.reserve(before + length + after);
  for (int64_t p = -before; p < length + after; ++p) {
    int64_t q = p;
    if (q < 0 || q >= length) {
      int64_t period = 2 * (length - 1);
      switch (mode) {
      case PadMode::Constant:
        map.push_back(fromPadding);
        continue;
      case PadMode::Reflection:
        q = period ? (q % period + period) % period : 0;
        q = q >= length ? period - q : q;
        break;
      case PadMode::Replication:
        q = std::clamp<int64_t>(q, 0, length - 1);
        break;
      case PadMode::Circular:
        q = (q % length + length) % length;
        break;
      }
    }
    map.push_back(q % (inserted + 1) ? fromInsertion : static_cast<int32_t>(q / (inserted + 1)));
  }
  return map;
}

} // namespace

WindowGeometry::WindowGeometry(FieldReader &fields) {
  kernelH = static_cast<int>(fields[Field::opd1_h]), kernelW = static_cast<int>(fields[Field::opd1_w]);
  strideY = static_cast<int>(fields[Field::res_op_y_str]), strideX = static_cast<int>(fields[Field::res_op_x_str]);
  dilationY = static_cast<int>(fields[Field::opd1_y_ins0]) + 1;
  dilationX = static_cast<int>(fields[Field::opd1_x_ins0]) + 1;
  rotated = fields.flag(Field::kernel_rotate);
  int64_t inputH = fields.size(Field::opd0_h), inputW = fields.size(Field::opd0_w);
  fields.require(kernelH >= 1 && kernelW >= 1 && strideY >= 1 && strideX >= 1 && inputH >= 1 && inputW >= 1,
                 "the kernel, a stride or the input has size 0");
  if (fields.failed())
    return;
  auto mode = static_cast<PadMode>(fields[Field::pad_mode]);
  rows = sources(inputH, fields.size(Field::opd0_y_ins0), fields.size(Field::opd0_up_pad),
                 fields.size(Field::opd0_dn_pad), mode);
  columns = sources(inputW, fields.size(Field::opd0_x_ins0), fields.size(Field::opd0_lf_pad),
                    fields.size(Field::opd0_rt_pad), mode);
  Shape result = fields.resultShape();
  fields.require((result[2] - 1) * strideY + int64_t{kernelH - 1} * dilationY < height() &&
                     (result[3] - 1) * strideX + int64_t{kernelW - 1} * dilationX < width(),
                 "the windows of the result leave the padded input");
  // Far above what fits into local memory; keeps a damaged instruction from asking for all host memory.
  fields.require(height() * width() <= int64_t{1} << 26, "the padded input is too large");
  fields.require(taps() <= 1 << 20, "the kernel is too large");
}
