// Short ways to write instructions and to look into local memory.
#pragma once
#include "tpu_mlir/Simulator/Simulator.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace tpu_mlir::sim::testing {

using bm1684x::Engine;
using bm1684x::Field;
using bm1684x::Format;
using bm1684x::Instruction;

using FieldValues = std::vector<std::pair<Field, uint64_t>>;

template <typename SubOp> Instruction make(Format format, SubOp op, const FieldValues &values) {
  Instruction instruction(format, op);
  for (auto [field, value] : values)
    instruction.set(field, value);
  return instruction;
}

inline void setAddress(Instruction &instruction, uint64_t source, uint64_t destination) {
  instruction.set(Field::src_start_addr_l32, source & 0xFFFFFFFF).set(Field::src_start_addr_h8, source >> 32);
  instruction.set(Field::dst_start_addr_l32, destination & 0xFFFFFFFF).set(Field::dst_start_addr_h8, destination >> 32);
}

/// A GDMA copy of n×c×h×w f32 elements between default layouts.
inline Instruction copyTensor(uint64_t source, uint64_t destination, std::array<uint64_t, 4> shape) {
  Instruction copy = make(Format::DMA_tensor, 0,
                          {{Field::nchw_copy, 1},
                           {Field::src_data_format, 2},
                           {Field::src_nsize, shape[0]},
                           {Field::src_csize, shape[1]},
                           {Field::src_hsize, shape[2]},
                           {Field::src_wsize, shape[3]}});
  setAddress(copy, source, destination);
  return copy;
}

/// result = a + b for f32 tensors in aligned layout.
inline Instruction addTensors(uint64_t a, uint64_t b, uint64_t result, std::array<uint64_t, 4> shape) {
  return make(Format::AR, bm1684x::ArOp::Add,
              {{Field::tsk_opd_num, 2},
               {Field::res0_prec, 2},
               {Field::opd0_prec, 2},
               {Field::opd1_prec, 2},
               {Field::res0_n, shape[0]},
               {Field::res0_c, shape[1]},
               {Field::res0_h, shape[2]},
               {Field::res0_w, shape[3]},
               {Field::opd0_addr, a},
               {Field::opd1_addr, b},
               {Field::res0_addr, result}});
}

template <typename T> void put(Machine &machine, int64_t lane, int64_t offset, std::vector<T> values) {
  std::memcpy(machine.memory().local() + lane * laneBytes + offset, values.data(), values.size() * sizeof(T));
}
template <typename T> std::vector<T> get(Machine &machine, int64_t lane, int64_t offset, size_t count) {
  std::vector<T> values(count);
  std::memcpy(values.data(), machine.memory().local() + lane * laneBytes + offset, count * sizeof(T));
  return values;
}

inline std::string message(llvm::Error error) { return error ? llvm::toString(std::move(error)) : ""; }

/// Numbers the instructions of a stream from 1 and sets the dependencies.
inline std::vector<Instruction> stream(std::vector<std::pair<Instruction, uint32_t>> parts) {
  std::vector<Instruction> result;
  for (auto &[instruction, dependency] : parts) {
    instruction.set(Field::cmd_id, result.size() + 1).set(Field::cmd_id_dep, dependency).set(Field::cmd_id_en, 1);
    result.push_back(instruction);
  }
  return result;
}

} // namespace tpu_mlir::sim::testing
