// An op is complete or absent: every op of both dialects can be evaluated. The exceptions are the ops that the
// interpreter runs itself, by name.
#include "Harness.h"

#include "tpu_mlir/Interfaces/OpInterfaces.h"

#include "llvm/ADT/StringSet.h"
#include "gtest/gtest.h"

TEST(Coverage, EveryOpCanBeEvaluated) {
  auto context = harness::makeContext();
  const llvm::StringSet<> structural = {"top.None", "top.Weight", "top.Input", "top.Custom", "top.If",
                                        "top.Loop", "top.Yield",  "tpu.Group", "tpu.Yield"};
  size_t count = 0;
  for (mlir::RegisteredOperationName name : context->getRegisteredOperations()) {
    const llvm::StringRef dialect = name.getDialectNamespace();
    if (dialect != "top" && dialect != "tpu")
      continue;
    ++count;
    EXPECT_EQ(name.hasInterface<tpu_mlir::InferenceInterface>(), !structural.contains(name.getStringRef()))
        << name.getStringRef().str();
  }
  EXPECT_GE(count, 90u);
}
