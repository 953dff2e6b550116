// Every constraint of the ops on quantized integers has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs one multiplier, or one per position of axis 1, got 2 for shape 1x3x4x4}}
  %0 = "top.RequantInt"(%a0) {multiplier = [5, 6], quant_mode = "MultiplierShift", rshift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs one multiplier, or one per position of axis 1, got 0 for shape 1x3x4x4}}
  %0 = "top.RequantInt"(%a0) {multiplier = [], quant_mode = "MultiplierShift", rshift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs one rshift, or one per position of axis -9, got 3 for shape 1x3x4x4}}
  %0 = "top.RequantInt"(%a0) {multiplier = [5], quant_mode = "MultiplierShift", rshift = [1, 2, 3], rq_axis = -9 : si32}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<f32>) {
  // expected-error@+1 {{needs one multiplier, or one per position of axis 1, got 3 for shape scalar}}
  %0 = "top.RequantInt"(%a0) {multiplier = [5, 6, 7], quant_mode = "MultiplierShift", rshift = [4]}
      : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the multiplier -9223372036854775808, which has more than 32 bits}}
  %0 = "top.RequantInt"(%a0) {multiplier = [-9223372036854775808], quant_mode = "MultiplierShift", rshift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the multiplier 2147483648, which has more than 32 bits}}
  %0 = "top.RequantInt"(%a0) {multiplier = [2147483648], quant_mode = "MultiplierShift", rshift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the shift -9223372036854775808, which is not within -31 to 63}}
  %0 = "top.RequantInt"(%a0) {multiplier = [1], quant_mode = "MultiplierShift", rshift = [-9223372036854775808]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the shift 64, which is not within -31 to 63}}
  %0 = "top.RequantInt"(%a0) {multiplier = [1], quant_mode = "MultiplierShift", rshift = [64]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the quant_mode OnlyScale, which needs floats; RequantFp has them}}
  %0 = "top.RequantInt"(%a0) {multiplier = [1], quant_mode = "OnlyScale", rshift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{string attribute one of TFLite_LShift, TFLite, MultiplierShift, OnlyShift, QDM, OnlyScale}}
  %0 = "top.RequantInt"(%a0) {multiplier = [1], quant_mode = "Guess", rshift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has a result of shape 1x3x4x5, but its operands and attributes give 1x3x4x4}}
  %0 = "top.RequantInt"(%a0) {multiplier = [5], quant_mode = "MultiplierShift", rshift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x5xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs one scale, or one per position of axis 1, got 2 for shape 1x3x4x4}}
  %0 = "top.RequantFp"(%a0) {offset = [0.0], quant_mode = "OnlyScale", scale = [0.5, 0.25]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs one offset, or one per position of axis 1, got 0 for shape 1x3x4x4}}
  %0 = "top.RequantFp"(%a0) {offset = [], quant_mode = "OnlyScale", scale = [0.5]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{scale and offset must be finite}}
  %0 = "top.RequantFp"(%a0) {offset = [0.0], quant_mode = "OnlyScale", scale = [0x7FF0000000000000 : f64]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{needs one multiplier, or one per position of axis 1, got 4 for shape 1x3x4x4}}
  %0 = "top.DequantInt"(%a0) {lshift = 0 : i64, multiplier = [1, 2, 3, 4], quant_mode = "Normal", shift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the shift -32, which is not within -31 to 63}}
  %0 = "top.DequantInt"(%a0) {lshift = 0 : i64, multiplier = [1], quant_mode = "Normal", shift = [-32]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the lshift 32, which is not within 0 to 31}}
  %0 = "top.DequantInt"(%a0) {lshift = 32 : i64, multiplier = [5], quant_mode = "Normal", shift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has the lshift -9223372036854775808, which is not within 0 to 31}}
  %0 = "top.DequantInt"(%a0) {lshift = -9223372036854775808 : i64, multiplier = [5], quant_mode = "Normal", shift = [4]}
      : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>) {
  // expected-error@+1 {{has a result of shape 3x2, but its operands and attributes give 2x3}}
  %0 = "top.WeightReorder"(%a0) {} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>, %a1: tensor<2x3xf32>) {
  // expected-error@+1 {{has rank 0 of 0}}
  %0 = "top.C2CAllReduce"(%a0, %a1) {chip_map = [], nranks = 0 : i64}
      : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>, %a1: tensor<2x3xf32>) {
  // expected-error@+1 {{has rank 0 of -9223372036854775808}}
  %0 = "top.C2CAllReduce"(%a0, %a1) {chip_map = [0], nranks = -9223372036854775808 : i64}
      : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>, %a1: tensor<2x3xf32>) {
  // expected-error@+1 {{has rank 2 of 2}}
  %0 = "top.C2CAllReduce"(%a0, %a1) {rank = 2 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>, %a1: tensor<2x3xf32>) {
  // expected-error@+1 {{has a chip_map of 1 devices for 2 ranks}}
  %0 = "top.C2CAllReduce"(%a0, %a1) {chip_map = [0]} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>, %a1: tensor<3x2xf32>) {
  // expected-error@+1 {{sends 2x3 but receives 3x2}}
  %0 = "top.C2CAllReduce"(%a0, %a1) {} : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>) {
  // expected-error@+1 {{has root 2 of 2 ranks}}
  %0 = "top.C2CBroadcast"(%a0) {root = 2 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>) {
  // expected-error@+1 {{has root -1 of 2 ranks}}
  %0 = "top.C2CBroadcast"(%a0) {root = -1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3xf32>) {
  // expected-error@+1 {{has rank 9223372036854775807 of 2}}
  %0 = "top.C2CBroadcast"(%a0) {rank = 9223372036854775807 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
