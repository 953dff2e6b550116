// The id of the build is found in the binary that the code is part of.
#include "tpu_mlir/Support/BuildId.h"

#include "llvm/ADT/StringExtras.h"
#include <gtest/gtest.h>

TEST(BuildId, IsTheNoteOfThisBinary) {
  std::string id = tpu_mlir::buildId();
  // Linkers write 8 to 32 bytes.
  EXPECT_GE(id.size(), 16u);
  EXPECT_TRUE(llvm::all_of(id, llvm::isHexDigit)) << id;
  EXPECT_EQ(id, tpu_mlir::buildId());
}
