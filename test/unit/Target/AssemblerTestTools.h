// An assembler and short names for the tensors that its tests use.
#pragma once
#include "tpu_mlir/Target/BM1684X/Assembler.h"
#include <gtest/gtest.h>

class AssemblerTest : public testing::Test {
protected:
  using LocalTensor = tpu_mlir::bm1684x::LocalTensor;
  using GlobalTensor = tpu_mlir::bm1684x::GlobalTensor;
  using FoldedMatrix = tpu_mlir::bm1684x::FoldedMatrix;
  using Dims = tpu_mlir::bm1684x::Dims;
  using ElementType = tpu_mlir::ElementType;

  static LocalTensor local(uint32_t offset, ElementType type, Dims shape = {1, 64, 8, 8}) {
    return LocalTensor::aligned(offset, shape, type);
  }
  static GlobalTensor global(uint64_t address, ElementType type, Dims shape = {1, 64, 8, 8}) {
    return GlobalTensor::contiguous(address, shape, type);
  }
  static LocalTensor weight(uint32_t offset, ElementType type) {
    return LocalTensor::convWeight(offset, {64, 64, 3, 3}, type);
  }
  static FoldedMatrix folded(uint32_t offset, ElementType type) { return FoldedMatrix::at(offset, 32, 32, 32, type); }
  static LocalTensor matrix(uint32_t offset, ElementType type) { return LocalTensor::matrix(offset, 32, 32, type); }
  static tpu_mlir::bm1684x::Window2d rotated(tpu_mlir::bm1684x::Window2d window) {
    window.rotateKernel = true;
    return window;
  }

  /// The last instruction's text.
  void expectLast(const char *text) {
    ASSERT_FALSE(assembler.failed()) << failure();
    ASSERT_FALSE(assembler.instructions().empty());
    EXPECT_EQ(disassemble(assembler.instructions().back()), text);
  }
  std::string failure() {
    auto program = assembler.finish();
    return program ? "" : llvm::toString(program.takeError());
  }

  const Dims shape = {1, 64, 8, 8};
  const uint64_t global0 = 0x1'0000'0000, global1 = 0x1'0010'0000;
  const tpu_mlir::bm1684x::Window2d window3{.kernel = {3, 3}, .pad = {1, 1, 1, 1}};
  tpu_mlir::bm1684x::Assembler assembler;
};

class GdmaForms : public AssemblerTest {};
class TiuForms : public AssemblerTest {};
class TiuConvForms : public AssemblerTest {};
