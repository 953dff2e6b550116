// Every constraint of the normalizations beyond the core has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<8xf32>, %n: none) {
  // expected-error@+1 {{needs an input with a channel axis, got shape 8}}
  %0 = "top.GroupNorm"(%x, %n, %n) {eps = 1.0e-05 : f64, num_groups = 2 : i64} : (tensor<8xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>, %n: none) {
  // expected-error@+1 {{needs an input with a channel axis, got shape scalar}}
  %0 = "top.InstanceNorm"(%x, %n, %n) {eps = 1.0e-05 : f64} : (tensor<f32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %n: none) {
  // expected-error@+1 {{cannot split 8 channels into 3 groups}}
  %0 = "top.GroupNorm"(%x, %n, %n) {eps = 1.0e-05 : f64, num_groups = 3 : i64} : (tensor<1x8x4x4xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %n: none) {
  // expected-error@+1 {{cannot split 8 channels into 0 groups}}
  %0 = "top.GroupNorm"(%x, %n, %n) {eps = 1.0e-05 : f64, num_groups = 0 : i64} : (tensor<1x8x4x4xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %n: none) {
  // expected-error@+1 {{cannot split 8 channels into -9223372036854775808 groups}}
  %0 = "top.GroupNorm"(%x, %n, %n) {eps = 1.0e-05 : f64, num_groups = -9223372036854775808 : i64} : (tensor<1x8x4x4xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %w: tensor<2xf32>, %n: none) {
  // expected-error@+1 {{needs parameters of 8 values (one per channel), got shape 2}}
  %0 = "top.GroupNorm"(%x, %w, %n) {eps = 1.0e-05 : f64, num_groups = 2 : i64} : (tensor<1x8x4x4xf32>, tensor<2xf32>, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %n: none) {
  // expected-error@+1 {{eps must not be negative}}
  %0 = "top.GroupNorm"(%x, %n, %n) {eps = -1.0 : f64, num_groups = 2 : i64} : (tensor<1x8x4x4xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %n: none) {
  // expected-error@+1 {{eps must not be negative}}
  %0 = "top.InstanceNorm"(%x, %n, %n) {eps = 0x7FF8000000000000 : f64} : (tensor<1x8x4x4xf32>, none, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %n: none, %b: tensor<4xf32>) {
  // expected-error@+1 {{needs parameters of 8 values (one per channel), got shape 4}}
  %0 = "top.InstanceNorm"(%x, %n, %b) {eps = 1.0e-05 : f64} : (tensor<1x8x4x4xf32>, none, tensor<4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %n: none) {
  // expected-error@+1 {{has a result of shape 1x8x4x5, but its operands and attributes give 1x8x4x4}}
  %0 = "top.InstanceNorm"(%x, %n, %n) {eps = 1.0e-05 : f64} : (tensor<1x8x4x4xf32>, none, none) -> tensor<1x8x4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %n: none, %b: tensor<1x4x1x1xf32>) {
  // expected-error@+1 {{needs parameters of 8 values (one per channel), got shape 1x4x1x1}}
  %0 = "top.PixelNorm"(%x, %n, %b) {eps = 1.0e-05 : f64} : (tensor<1x8x4x4xf32>, none, tensor<1x4x1x1xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>, %n: none) {
  // expected-error@+1 {{needs an input of rank 1 or more}}
  %0 = "top.RMSNorm"(%x, %n) {eps = 1.0e-05 : f64} : (tensor<f32>, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %g: tensor<8xf32>) {
  // expected-error@+1 {{needs a gamma of 4 values, got shape 8}}
  %0 = "top.RMSNorm"(%x, %g) {eps = 1.0e-05 : f64} : (tensor<1x8x4x4xf32>, tensor<8xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %n: none) {
  // expected-error@+1 {{eps must not be negative}}
  %0 = "top.RMSNorm"(%x, %n) {eps = -1.0e-09 : f64} : (tensor<1x8x4x4xf32>, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has a size of 0; it must be at least 1}}
  %0 = "top.LRN"(%x) {size = 0 : i64} : (tensor<1x8x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has a size of -9223372036854775808; it must be at least 1}}
  %0 = "top.LRN"(%x) {size = -9223372036854775808 : i64} : (tensor<1x8x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<3xf32>) {
  // expected-error@+1 {{needs an input with a channel axis, got shape 3}}
  %0 = "top.LRN"(%x) {size = 5 : i64} : (tensor<3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %s: tensor<8xf32>) {
  // expected-error@+1 {{needs a scale of 1 values, got shape 8}}
  %0 = "top.Normalize"(%x, %s) {} : (tensor<1x8x4x4xf32>, tensor<8xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>, %s: tensor<1xf32>) {
  // expected-error@+1 {{needs a scale of 8 values, got shape 1}}
  %0 = "top.Normalize"(%x, %s) {channel_shared = false} : (tensor<1x8x4x4xf32>, tensor<1xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has axis 4 for an input of rank 4}}
  %0 = "top.Variance"(%x) {reduce_list = [4], correction = 1.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has axis -9223372036854775808 for an input of rank 4}}
  %0 = "top.Variance"(%x) {reduce_list = [-9223372036854775808], correction = 1.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{has axis 0 for an input of rank 0}}
  %0 = "top.Variance"(%x) {reduce_list = [0], correction = 1.0 : f64} : (tensor<f32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has axis -1 twice}}
  %0 = "top.Variance"(%x) {reduce_list = [3, -1], correction = 1.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{correction must be finite}}
  %0 = "top.Variance"(%x) {reduce_list = [3], correction = 0x7FF0000000000000 : f64} : (tensor<1x8x4x4xf32>) -> tensor<*xf32>
  return
}
