// How the pixels of a frame lie in memory, by the names that users give (customization_format).
#pragma once
#include "llvm/ADT/StringSwitch.h"

#include <optional>

namespace tpu_mlir::top {

struct FrameLayout {
  enum class Coding { Planar, Packed, I420, YV12, NV12, NV21 };
  llvm::StringRef colors; // the order of the channels: "rgb", "bgr", "rgba", "gray"
  Coding coding;

  int64_t channels() const { return static_cast<int64_t>(colors == "gray" ? 1 : colors.size()); }
  bool isYuv() const { return coding != Coding::Planar && coding != Coding::Packed; }
};

inline std::optional<FrameLayout> frameLayout(llvm::StringRef name) {
  using Coding = FrameLayout::Coding;
  return llvm::StringSwitch<std::optional<FrameLayout>>(name)
      .CaseLower("RGB_PLANAR", FrameLayout{"rgb", Coding::Planar})
      .CaseLower("BGR_PLANAR", FrameLayout{"bgr", Coding::Planar})
      .CaseLower("RGBA_PLANAR", FrameLayout{"rgba", Coding::Planar})
      .CaseLower("GRAYSCALE", FrameLayout{"gray", Coding::Planar})
      .CaseLower("RGB_PACKED", FrameLayout{"rgb", Coding::Packed})
      .CaseLower("BGR_PACKED", FrameLayout{"bgr", Coding::Packed})
      .CaseLower("YUV420_PLANAR", FrameLayout{"rgb", Coding::I420})
      .CaseLower("YUV_NV12", FrameLayout{"rgb", Coding::NV12})
      .CaseLower("YUV_NV21", FrameLayout{"rgb", Coding::NV21})
      .Default(std::nullopt);
}

} // namespace tpu_mlir::top
