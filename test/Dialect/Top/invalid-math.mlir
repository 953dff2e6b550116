// Every constraint of the Math family has a sentence of its own, hostile attributes included.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%a: tensor<2x8x4xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{has operands whose shapes do not broadcast: 2x8x4, 3}}
  %0 = "top.Compare"(%a, %b) {mode = "Less"} : (tensor<2x8x4xf32>, tensor<3xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{string attribute one of Equal, Greater}}
  %0 = "top.CompareConst"(%a) {mode = "Like", const_val = 0.0 : f64, inversed = false} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has a result of shape 2, but its operands and attributes give 2x8x4}}
  %0 = "top.CompareConst"(%a) {mode = "Less", const_val = 0x7FF8000000000000 : f64, inversed = false} : (tensor<2x8x4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{needs 2 operands, got 1}}
  %0 = "top.LogicalAnd"(%a) {} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{needs 2 operands, got 3}}
  %0 = "top.Mod"(%a, %a, %a) {} : (tensor<2x8x4xf32>, tensor<2x8x4xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{needs 2 operands, got 0}}
  %0 = "top.Pow3"() {} : () -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %n: none) {
  // expected-error@+1 {{has a branch without an operand and without a constant}}
  %0 = "top.Where"(%a, %n, %n) {x_is_const = true} : (tensor<2x8x4xf32>, none, none) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %b: tensor<0x4xf32>) {
  // expected-error@+1 {{has operands whose shapes do not broadcast: 2x8x4, 0x4}}
  %0 = "top.MaskedFill"(%a, %b) {inversed = true, const_val = 0.0 : f64} : (tensor<2x8x4xf32>, tensor<0x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %n: none) {
  // expected-error@+1 {{has axis 3 for an input of rank 3}}
  %0 = "top.CumSum"(%a, %n) {axis = 3 : i64} : (tensor<2x8x4xf32>, none) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %n: none) {
  // expected-error@+1 {{has axis -4 for an input of rank 3}}
  %0 = "top.CumSum"(%a, %n) {axis = -4 : i64} : (tensor<2x8x4xf32>, none) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %n: none) {
  // expected-error@+1 {{has axis -9223372036854775808 for an input of rank 3}}
  %0 = "top.CumSum"(%a, %n) {axis = -9223372036854775808 : i64} : (tensor<2x8x4xf32>, none) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %n: none) {
  // expected-error@+1 {{has axis 9223372036854775807 for an input of rank 3}}
  %0 = "top.CumSum"(%a, %n) {axis = 9223372036854775807 : i64} : (tensor<2x8x4xf32>, none) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %n: none) {
  // expected-error@+1 {{has axis 0 for an input of rank 0}}
  %0 = "top.CumSum"(%a, %n) {axis = 0 : i64} : (tensor<f32>, none) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %d: tensor<2xf32>) {
  // expected-error@+1 {{has a dim of shape 2, which must be one number}}
  %0 = "top.CumSum"(%a, %d) {axis = 0 : i64} : (tensor<2x8x4xf32>, tensor<2xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+1 {{needs an input of at least rank 2, got 4}}
  %0 = "top.Trilu"(%a) {upper = 1 : si32, diagonal = 0 : si32} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has upper -2147483648, which must be 0 or 1}}
  %0 = "top.Trilu"(%a) {upper = -2147483648 : si32, diagonal = 0 : si32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{casts to 'INT128', which is none of F32}}
  %0 = "top.Cast"(%a) {to = "INT128"} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{string attribute one of HalfAwayFromZero}}
  %0 = "top.Cast"(%a) {round_mode = "Sideways"} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has a result of type 'i32', which is none of f32, f16 and bf16}}
  %0 = "top.DtypeCast"(%a) {} : (tensor<2x8x4xf32>) -> tensor<2x8x4xi32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has base 1, which must be at least 2}}
  %0 = "top.LogB"(%a) {base = 1 : i64} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has base 0, which must be at least 2}}
  %0 = "top.LogB"(%a) {base = 0 : i64} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has base -9223372036854775808, which must be at least 2}}
  %0 = "top.LogB"(%a) {base = -9223372036854775808 : i64} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has shift 32, which must be between -63 and 31}}
  %0 = "top.BinaryShift"(%a, %a) {mode = "Add", shift = 32 : si32} : (tensor<2x8x4xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has shift -2147483648, which must be between -63 and 31}}
  %0 = "top.BinaryConstShift"(%a) {mode = "Add", scale = 1 : si32, shift = -2147483648 : si32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %t: tensor<255xf32>) {
  // expected-error@+1 {{needs a table of 256 values, got 255}}
  %0 = "top.Lut"(%a, %t) {} : (tensor<2x8x4xf32>, tensor<255xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %t: tensor<4294967296x4294967296x4294967296xf32>) {
  // expected-error@+1 {{needs a table of 256 values, got 4294967296x4294967296x4294967296}}
  %0 = "top.Lut"(%a, %t) {} : (tensor<2x8x4xf32>, tensor<4294967296x4294967296x4294967296xf32>) -> tensor<2x8x4xf32>
  return
}
