// Every constraint of the attention, feed-forward and state-space ops has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%a0: tensor<8xf32>, %a1: tensor<5x8xf32>, %a2: tensor<5x8xf32>, %a3: none) {
  // expected-error@+1 {{needs query, key and value of rank 2 or more}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {}
      : (tensor<8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, none) -> tensor<8xf32>
  return
}

// -----

func.func @f(%a0: tensor<f32>, %a1: tensor<f32>, %a2: tensor<f32>, %a3: none) {
  // expected-error@+1 {{needs query, key and value of rank 2 or more}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {}
      : (tensor<f32>, tensor<f32>, tensor<f32>, none) -> tensor<f32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<5x9xf32>, %a2: tensor<5x9xf32>, %a3: none) {
  // expected-error@+1 {{has queries 3x8, keys 5x9 and values 5x9, which do not fit together}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {}
      : (tensor<3x8xf32>, tensor<5x9xf32>, tensor<5x9xf32>, none) -> tensor<3x9xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<5x8xf32>, %a2: tensor<6x8xf32>, %a3: none) {
  // expected-error@+1 {{has queries 3x8, keys 5x8 and values 6x8, which do not fit together}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {}
      : (tensor<3x8xf32>, tensor<5x8xf32>, tensor<6x8xf32>, none) -> tensor<3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x3x8xf32>, %a1: tensor<4x5x8xf32>, %a2: tensor<4x5x8xf32>, %a3: none) {
  // expected-error@+1 {{has batch axes that do not broadcast: 2x3x8, 4x5x8 and 4x5x8}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {}
      : (tensor<2x3x8xf32>, tensor<4x5x8xf32>, tensor<4x5x8xf32>, none) -> tensor<4x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<5x8xf32>, %a2: tensor<5x8xf32>, %a3: tensor<4x5xf32>) {
  // expected-error@+1 {{needs a mask that broadcasts to 3x5, got 4x5}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {}
      : (tensor<3x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, tensor<4x5xf32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<5x8xf32>, %a2: tensor<5x8xf32>, %a3: tensor<2x3x5xf32>) {
  // expected-error@+1 {{needs a mask that broadcasts to 3x5, got 2x3x5}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {}
      : (tensor<3x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, tensor<2x3x5xf32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<5x8xf32>, %a2: tensor<5x8xf32>, %a3: none) {
  // expected-error@+1 {{scale must be finite and not negative}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {scale = -1.0 : f64}
      : (tensor<3x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, none) -> tensor<3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<5x8xf32>, %a2: tensor<5x8xf32>, %a3: none) {
  // expected-error@+1 {{scale must be finite and not negative}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {scale = 0x7FF8000000000000 : f64}
      : (tensor<3x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, none) -> tensor<3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<5x8xf32>, %a2: tensor<5x8xf32>, %a3: none) {
  // expected-error@+1 {{dropout_p must be at least 0 and less than 1}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {dropout_p = 1.0 : f64}
      : (tensor<3x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, none) -> tensor<3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<5x8xf32>, %a2: tensor<5x8xf32>, %a3: tensor<3x5xf32>) {
  // expected-error@+1 {{has a mask and is_causal; put what is_causal excludes into the mask}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {is_causal = true}
      : (tensor<3x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, tensor<3x5xf32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<5x8xf32>, %a2: tensor<5x8xf32>, %a3: none) {
  // expected-error@+1 {{has a result of shape 3x9, but its operands and attributes give 3x8}}
  %0 = "top.ScaleDotProductAttention"(%a0, %a1, %a2, %a3) {}
      : (tensor<3x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>, none) -> tensor<3x9xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{needs input, keys and values of rank 3}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 2 : i64, scale = 0.5 : f64}
      : (tensor<3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x4x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{which do not fit together}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 2 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x4x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{has head = 0, which is no extent}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 0 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{has head = -9223372036854775808, which is no extent}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = -9223372036854775808 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{has dim = 9223372036854775807, which is no extent}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 2 : i64, dim = 9223372036854775807 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{needs a queries_weight of head * dim columns, got shape 6x8}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 3 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{needs a queries_weight of head * dim columns, got shape 8}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 2 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<7x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{needs keys_weight of shape 6x8, got 7x8}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 2 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<7x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{needs a matrix for out_weight, got shape 8}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 2 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: tensor<5xf32>, %a11: none) {
  // expected-error@+1 {{needs out_bias of 6 values, got shape 5}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 2 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, tensor<5xf32>, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: tensor<3x4xf32>) {
  // expected-error@+1 {{needs a mask that broadcasts to 1x2x3x5, got 3x4}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 2 : i64, scale = 0.5 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, tensor<3x4xf32>) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x6xf32>, %a1: tensor<1x5x6xf32>, %a2: tensor<1x5x6xf32>, %a3: tensor<6x8xf32>, %a4: none, %a5: tensor<6x8xf32>, %a6: none, %a7: tensor<6x8xf32>, %a8: none, %a9: tensor<8x6xf32>, %a10: none, %a11: none) {
  // expected-error@+1 {{scale must be finite}}
  %0 = "top.Attention"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11) {head = 2 : i64, scale = 0x7FF0000000000000 : f64}
      : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<6x8xf32>, none, tensor<8x6xf32>, none, none) -> tensor<1x3x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none) {
  // expected-error@+1 {{has batch = -9223372036854775808, which is no extent}}
  %0 = "top.FAttention"(%a0, %a1, %a2, %a3, %a4) {batch = -9223372036854775808 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none) {
  // expected-error@+1 {{has mk = 9223372036854775807, which is no extent}}
  %0 = "top.FAttention"(%a0, %a1, %a2, %a3, %a4) {batch = 1 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 9223372036854775807 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none) {
  // expected-error@+1 {{has 4 heads of queries for 3 heads of keys, which do not divide them}}
  %0 = "top.FAttention"(%a0, %a1, %a2, %a3, %a4) {batch = 1 : i64, dim = 8 : i64, kv_head = 3 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none) {
  // expected-error@+1 {{needs queries of shape 1x4x4x8, got 1x3x4x8}}
  %0 = "top.FAttention"(%a0, %a1, %a2, %a3, %a4) {batch = 1 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 4 : i64, q_head = 4 : i64, scale = 0.35 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none) {
  // expected-error@+1 {{needs queries of shape 2147483648x3x4x8, got 1x3x4x8}}
  %0 = "top.FAttention"(%a0, %a1, %a2, %a3, %a4) {batch = 2147483648 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x9xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none) {
  // expected-error@+1 {{needs keys of shape 1x5x2x8, got 1x5x2x9}}
  %0 = "top.FAttention"(%a0, %a1, %a2, %a3, %a4) {batch = 1 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x9xf32>, tensor<1x5x2x8xf32>, none, none) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<f32>, %a3: none, %a4: none) {
  // expected-error@+1 {{needs values of shape 1x5x2x8, got scalar}}
  %0 = "top.FAttention"(%a0, %a1, %a2, %a3, %a4) {batch = 1 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<f32>, none, none) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: tensor<2x1x3x5xf32>, %a4: none) {
  // expected-error@+1 {{needs a mask that broadcasts to 1x4x3x5, got 2x1x3x5}}
  %0 = "top.FAttention"(%a0, %a1, %a2, %a3, %a4) {batch = 1 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, tensor<2x1x3x5xf32>, none) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none) {
  // expected-error@+1 {{scale must be finite}}
  %0 = "top.FAttention"(%a0, %a1, %a2, %a3, %a4) {batch = 1 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0x7FF8000000000000 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none) -> tensor<1x3x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none) {
  // expected-error@+1 {{has a result of shape 1x3x4, but its operands and attributes give 1x3x4x1}}
  %0:2 = "top.FAttentionLse"(%a0, %a1, %a2, %a3, %a4) {batch = 1 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none) -> (tensor<1x3x4x8xf32>, tensor<1x3x4xf32>)
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none, %a5: none) {
  // expected-error@+1 {{has flex_block = 0, which is no extent}}
  %0:2 = "top.FlexAttention"(%a0, %a1, %a2, %a3, %a4, %a5) {batch = 1 : i64, qk_d = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64, v_d = 8 : i64, flex_block = 0 : si32}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none, none) -> (tensor<1x3x4x8xf32>, tensor<1x3x4x1xf32>)
  return
}

// -----

func.func @f(%a0: tensor<1x3x4x8xf32>, %a1: tensor<1x5x2x8xf32>, %a2: tensor<1x5x2x8xf32>, %a3: none, %a4: none, %a5: none) {
  // expected-error@+1 {{has v_d = -1, which is no extent}}
  %0:2 = "top.FlexAttention"(%a0, %a1, %a2, %a3, %a4, %a5) {batch = 1 : i64, qk_d = 8 : i64, kv_head = 2 : i64, mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64, v_d = -1 : i64}
      : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none, none) -> (tensor<1x3x4x8xf32>, tensor<1x3x4x1xf32>)
  return
}

// -----

func.func @f(%a0: tensor<4x7xf32>, %a1: tensor<4x7xf32>, %a2: tensor<4x7xf32>) {
  // expected-error@+1 {{needs an input whose last extent is even, got shape 4x7}}
  %0 = "top.Rope"(%a0, %a1, %a2) {} : (tensor<4x7xf32>, tensor<4x7xf32>, tensor<4x7xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @f(%a0: tensor<f32>, %a1: tensor<f32>, %a2: tensor<f32>) {
  // expected-error@+1 {{needs an input whose last extent is even, got shape scalar}}
  %0 = "top.Rope"(%a0, %a1, %a2) {} : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a0: tensor<4x8xf32>, %a1: tensor<4x1xf32>, %a2: tensor<4x8xf32>) {
  // expected-error@+1 {{needs tables whose last extent is 8, got shape 4x1}}
  %0 = "top.Rope"(%a0, %a1, %a2) {} : (tensor<4x8xf32>, tensor<4x1xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<4x8xf32>, %a1: tensor<4x8xf32>, %a2: tensor<5x8xf32>) {
  // expected-error@+1 {{needs a table that broadcasts to 4x8, got 5x8}}
  %0 = "top.Rope"(%a0, %a1, %a2) {} : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<5x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<4x8xf32>, %a1: tensor<4x8xf32>, %a2: tensor<4x8xf32>) {
  // expected-error@+1 {{needs an input of rank 4 with is_permute_optimize, got shape 4x8}}
  %0 = "top.Rope"(%a0, %a1, %a2) {is_permute_optimize = true}
      : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x6x4x8xf32>, %a1: tensor<4x8xf32>, %a2: tensor<4x8xf32>) {
  // expected-error@+1 {{needs tables of shape 6x8, got 4x8}}
  %0 = "top.Rope"(%a0, %a1, %a2) {is_permute_optimize = true}
      : (tensor<2x6x4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<2x6x4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<4x8xf32>, %a1: tensor<4x8xf32>, %a2: tensor<4x8xf32>) {
  // expected-error@+1 {{one of interleaved_pairs, contiguous_halves}}
  %0 = "top.Rope"(%a0, %a1, %a2) {rope_mode = "spiral"}
      : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<2x16x8xf32>, %a2: tensor<16x8xf32>, %a3: tensor<16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: none, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{needs a weight_gate of one matrix, got shape 2x16x8}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {}
      : (tensor<1x3x8xf32>, tensor<2x16x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, none, none, none, none, none, none, none, none, none, none) -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<2x16x8xf32>, %a2: tensor<16x8xf32>, %a3: tensor<2x16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: tensor<3x1xf32>, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{needs a weight_up of one matrix per expert, got shape 16x8}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {is_expert = true, num_expert = 2 : i64}
      : (tensor<1x3x8xf32>, tensor<2x16x8xf32>, tensor<16x8xf32>, tensor<2x16x8xf32>, none, none, none, tensor<3x1xf32>, none, none, none, none, none, none) -> tensor<3x1x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<16x9xf32>, %a2: tensor<16x8xf32>, %a3: tensor<16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: none, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{multiplies rows of 8 values by a weight_gate of shape 16x9}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {}
      : (tensor<1x3x8xf32>, tensor<16x9xf32>, tensor<16x8xf32>, tensor<16x8xf32>, none, none, none, none, none, none, none, none, none, none) -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<16x8xf32>, %a2: tensor<12x8xf32>, %a3: tensor<16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: none, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{has 16 columns of gate and 12 of up}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {}
      : (tensor<1x3x8xf32>, tensor<16x8xf32>, tensor<12x8xf32>, tensor<16x8xf32>, none, none, none, none, none, none, none, none, none, none) -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<16x8xf32>, %a2: tensor<16x8xf32>, %a3: tensor<8x16xf32>, %a4: none, %a5: none, %a6: none, %a7: none, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{multiplies rows of 16 values by a weight_down of shape 8x16}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {}
      : (tensor<1x3x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, tensor<8x16xf32>, none, none, none, none, none, none, none, none, none, none) -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<16x8xf32>, %a2: tensor<16x8xf32>, %a3: tensor<16x8xf32>, %a4: none, %a5: none, %a6: tensor<3xf32>, %a7: none, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{needs bias_down of 8 values, got shape 3}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {}
      : (tensor<1x3x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, none, none, tensor<3xf32>, none, none, none, none, none, none, none) -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<16x8xf32>, %a2: tensor<16x8xf32>, %a3: tensor<16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: tensor<3xf32>, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{has an expert_id without is_expert}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {}
      : (tensor<1x3x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, none, none, none, tensor<3xf32>, none, none, none, none, none, none) -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<2x16x8xf32>, %a2: tensor<2x16x8xf32>, %a3: tensor<2x16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: none, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{needs an expert_id with is_expert}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {is_expert = true, num_expert = 2 : i64}
      : (tensor<3x8xf32>, tensor<2x16x8xf32>, tensor<2x16x8xf32>, tensor<2x16x8xf32>, none, none, none, none, none, none, none, none, none, none) -> tensor<3x1x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<3x8xf32>, %a1: tensor<2x16x8xf32>, %a2: tensor<2x16x8xf32>, %a3: tensor<2x16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: tensor<3xf32>, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{needs expert_id of 3x2 values, got shape 3}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {is_expert = true, num_expert = 2 : i64, num_expert_per_tok = 2 : i64}
      : (tensor<3x8xf32>, tensor<2x16x8xf32>, tensor<2x16x8xf32>, tensor<2x16x8xf32>, none, none, none, tensor<3xf32>, none, none, none, none, none, none) -> tensor<3x2x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<16x8xf32>, %a2: tensor<16x8xf32>, %a3: tensor<16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: none, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{has num_expert = -9223372036854775808, which is no extent}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {is_expert = true, num_expert = -9223372036854775808 : i64}
      : (tensor<1x3x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, none, none, none, none, none, none, none, none, none, none) -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<16x8xf32>, %a2: tensor<16x8xf32>, %a3: tensor<16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: none, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{needs scale and zp of gate if it is quantized, and none otherwise}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {quantized = true, q_group_size = 0 : i64}
      : (tensor<1x3x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, none, none, none, none, none, none, none, none, none, none) -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x3x8xf32>, %a1: tensor<16x8xf32>, %a2: tensor<16x8xf32>, %a3: tensor<16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: none, %a8: tensor<16x1xf32>, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{needs scale and zp of gate if it is quantized, and none otherwise}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {}
      : (tensor<1x3x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, none, none, none, none, tensor<16x1xf32>, none, none, none, none, none) -> tensor<1x3x8xf32>
  return
}

// -----

func.func @f(%a0: tensor<f32>, %a1: tensor<16x8xf32>, %a2: tensor<16x8xf32>, %a3: tensor<16x8xf32>, %a4: none, %a5: none, %a6: none, %a7: none, %a8: none, %a9: none, %a10: none, %a11: none, %a12: none, %a13: none) {
  // expected-error@+1 {{needs an input of rank 1 or more}}
  %0 = "top.Mlp"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10, %a11, %a12, %a13) {}
      : (tensor<f32>, tensor<16x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, none, none, none, none, none, none, none, none, none, none) -> tensor<f32>
  return
}

// -----

func.func @f(%a0: tensor<2x16xf32>, %a1: tensor<4x16xf32>, %a2: tensor<4x1xf32>, %a3: tensor<4x1xf32>, %a4: none) {
  // expected-error@+1 {{has weights of 5 bits; 4 and 8 are possible}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {right_transpose = true, weight_bits = 5 : i64}
      : (tensor<2x16xf32>, tensor<4x16xf32>, tensor<4x1xf32>, tensor<4x1xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x16xf32>, %a1: tensor<4x16xf32>, %a2: tensor<4x1xf32>, %a3: tensor<4x1xf32>, %a4: none) {
  // expected-error@+1 {{has weights of -9223372036854775808 bits; 4 and 8 are possible}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {right_transpose = true, weight_bits = -9223372036854775808 : i64}
      : (tensor<2x16xf32>, tensor<4x16xf32>, tensor<4x1xf32>, tensor<4x1xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x16xf32>, %a1: tensor<4x16xf32>, %a2: tensor<4x1xf32>, %a3: tensor<4x1xf32>, %a4: none) {
  // expected-error@+1 {{has groups of 3 values, which do not divide 16}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {right_transpose = true, q_group_size = 3 : i64}
      : (tensor<2x16xf32>, tensor<4x16xf32>, tensor<4x1xf32>, tensor<4x1xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x16xf32>, %a1: tensor<4x16xf32>, %a2: tensor<4x1xf32>, %a3: tensor<4x1xf32>, %a4: none) {
  // expected-error@+1 {{has groups of -9223372036854775808 values, which do not divide 16}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {right_transpose = true, q_group_size = -9223372036854775808 : i64}
      : (tensor<2x16xf32>, tensor<4x16xf32>, tensor<4x1xf32>, tensor<4x1xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x15xf32>, %a1: tensor<4x7xf32>, %a2: tensor<4x1xf32>, %a3: tensor<4x1xf32>, %a4: none) {
  // expected-error@+1 {{has rows of 15 values, which 4-bit weights need in pairs}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {right_transpose = true, q_group_size = 0 : i64, weight_bits = 4 : i64}
      : (tensor<2x15xf32>, tensor<4x7xf32>, tensor<4x1xf32>, tensor<4x1xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x16xf32>, %a1: tensor<4x16xf32>, %a2: tensor<4x1xf32>, %a3: tensor<4x1xf32>, %a4: none) {
  // expected-error@+1 {{multiplies rows of 16 values by weights of shape 4x16}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {right_transpose = true, q_group_size = 0 : i64, weight_bits = 4 : i64}
      : (tensor<2x16xf32>, tensor<4x16xf32>, tensor<4x1xf32>, tensor<4x1xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x16xf32>, %a1: tensor<16xf32>, %a2: tensor<4x1xf32>, %a3: tensor<4x1xf32>, %a4: none) {
  // expected-error@+1 {{needs a matrix of weights, got shape 16}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {}
      : (tensor<2x16xf32>, tensor<16xf32>, tensor<4x1xf32>, tensor<4x1xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x16xf32>, %a1: tensor<4x16xf32>, %a2: tensor<4x1xf32>, %a3: tensor<4x1xf32>, %a4: none) {
  // expected-error@+1 {{needs scale of 4x2 values, got shape 4x1}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {right_transpose = true, q_group_size = 8 : i64}
      : (tensor<2x16xf32>, tensor<4x16xf32>, tensor<4x1xf32>, tensor<4x1xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x16xf32>, %a1: tensor<4x16xf32>, %a2: tensor<4x1xf32>, %a3: tensor<5xf32>, %a4: none) {
  // expected-error@+1 {{needs zp of 4x1 values, got shape 5}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {right_transpose = true, q_group_size = 0 : i64}
      : (tensor<2x16xf32>, tensor<4x16xf32>, tensor<4x1xf32>, tensor<5xf32>, none) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x16xf32>, %a1: tensor<4x16xf32>, %a2: tensor<4x1xf32>, %a3: tensor<4x1xf32>, %a4: tensor<3xf32>) {
  // expected-error@+1 {{needs bias of 4 values, got shape 3}}
  %0 = "top.A16MatMul"(%a0, %a1, %a2, %a3, %a4) {right_transpose = true, q_group_size = 0 : i64}
      : (tensor<2x16xf32>, tensor<4x16xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<6x16xf32>, %a1: tensor<2xf32>, %a2: tensor<6x1xf32>, %a3: tensor<6x1xf32>) {
  // expected-error@+1 {{gathers along axis 0 only}}
  %0 = "top.A16Gather"(%a0, %a1, %a2, %a3) {axis = -2147483648 : si32, q_group_size = 0 : i64}
      : (tensor<6x16xf32>, tensor<2xf32>, tensor<6x1xf32>, tensor<6x1xf32>) -> tensor<2x16xf32>
  return
}

// -----

func.func @f(%a0: tensor<f32>, %a1: tensor<2xf32>, %a2: tensor<6x1xf32>, %a3: tensor<6x1xf32>) {
  // expected-error@+1 {{needs a matrix of weights, got shape scalar}}
  %0 = "top.A16Gather"(%a0, %a1, %a2, %a3) {q_group_size = 0 : i64}
      : (tensor<f32>, tensor<2xf32>, tensor<6x1xf32>, tensor<6x1xf32>) -> tensor<2x16xf32>
  return
}

// -----

func.func @f(%a0: tensor<6x16xf32>, %a1: tensor<2xf32>, %a2: tensor<6x1xf32>, %a3: tensor<6x1xf32>) {
  // expected-error@+1 {{needs scale of 6x2 values, got shape 6x1}}
  %0 = "top.A16Gather"(%a0, %a1, %a2, %a3) {q_group_size = 8 : i64}
      : (tensor<6x16xf32>, tensor<2xf32>, tensor<6x1xf32>, tensor<6x1xf32>) -> tensor<2x16xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x8xf32>, %a1: tensor<6x8xf32>, %a2: tensor<2x2xf32>, %a3: none) {
  // expected-error@+1 {{has block_size = 0, which is no extent}}
  %0 = "top.Fp8MatMul"(%a0, %a1, %a2, %a3) {block_size = 0 : i64, weight_transpose = true}
      : (tensor<2x8xf32>, tensor<6x8xf32>, tensor<2x2xf32>, none) -> tensor<2x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x8xf32>, %a1: tensor<6x8xf32>, %a2: tensor<2x2xf32>, %a3: none) {
  // expected-error@+1 {{multiplies rows of 8 values by weights of shape 6x8}}
  %0 = "top.Fp8MatMul"(%a0, %a1, %a2, %a3) {block_size = 4 : i64}
      : (tensor<2x8xf32>, tensor<6x8xf32>, tensor<2x2xf32>, none) -> tensor<2x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x8xf32>, %a1: tensor<6x8xf32>, %a2: tensor<3xf32>, %a3: none) {
  // expected-error@+1 {{needs weight_scale of 2x2 values, got shape 3}}
  %0 = "top.Fp8MatMul"(%a0, %a1, %a2, %a3) {block_size = 4 : i64, weight_transpose = true}
      : (tensor<2x8xf32>, tensor<6x8xf32>, tensor<3xf32>, none) -> tensor<2x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<2x8xf32>, %a1: tensor<6x8xf32>, %a2: tensor<4xf32>, %a3: tensor<2xf32>) {
  // expected-error@+1 {{needs bias of 6 values, got shape 2}}
  %0 = "top.Fp8MatMul"(%a0, %a1, %a2, %a3) {block_size = 4 : i64, weight_transpose = true}
      : (tensor<2x8xf32>, tensor<6x8xf32>, tensor<4xf32>, tensor<2xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @f(%a0: tensor<6x4x3xf32>, %a1: tensor<6x4x3x2xf32>, %a2: tensor<6x4x3x2xf32>, %a3: tensor<6x4x2xf32>, %a4: none) {
  // expected-error@+1 {{needs Cs of rank 4, got shape 6x4x3}}
  %0 = "top.SelectiveScan"(%a0, %a1, %a2, %a3, %a4) {}
      : (tensor<6x4x3xf32>, tensor<6x4x3x2xf32>, tensor<6x4x3x2xf32>, tensor<6x4x2xf32>, none) -> tensor<6x4x2xf32>
  return
}

// -----

func.func @f(%a0: tensor<6x4x3x2xf32>, %a1: tensor<6x4x3x2xf32>, %a2: tensor<6x4x3x1xf32>, %a3: tensor<6x4x2xf32>, %a4: none) {
  // expected-error@+1 {{needs deltaB_u of shape 6x4x3x2, got 6x4x3x1}}
  %0 = "top.SelectiveScan"(%a0, %a1, %a2, %a3, %a4) {}
      : (tensor<6x4x3x2xf32>, tensor<6x4x3x2xf32>, tensor<6x4x3x1xf32>, tensor<6x4x2xf32>, none) -> tensor<6x4x2xf32>
  return
}

// -----

func.func @f(%a0: tensor<6x4x3x2xf32>, %a1: tensor<6x4x3x2xf32>, %a2: tensor<6x4x3x2xf32>, %a3: tensor<4x2xf32>, %a4: none) {
  // expected-error@+1 {{needs us of shape 6x4x2, got 4x2}}
  %0 = "top.SelectiveScan"(%a0, %a1, %a2, %a3, %a4) {}
      : (tensor<6x4x3x2xf32>, tensor<6x4x3x2xf32>, tensor<6x4x3x2xf32>, tensor<4x2xf32>, none) -> tensor<6x4x2xf32>
  return
}

// -----

func.func @f(%a0: tensor<6x4x3x2xf32>, %a1: tensor<6x4x3x2xf32>, %a2: tensor<6x4x3x2xf32>, %a3: tensor<6x4x2xf32>, %a4: tensor<5xf32>) {
  // expected-error@+1 {{needs Ds of 4 values, got shape 5}}
  %0 = "top.SelectiveScan"(%a0, %a1, %a2, %a3, %a4) {}
      : (tensor<6x4x3x2xf32>, tensor<6x4x3x2xf32>, tensor<6x4x3x2xf32>, tensor<6x4x2xf32>, tensor<5xf32>) -> tensor<6x4x2xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x1x1x4xf32>, %a1: tensor<1x1x1x4xf32>, %a2: tensor<1x1x2x4xf32>, %a3: tensor<1x1x2xf32>, %a4: tensor<1x1x2xf32>, %a5: tensor<1x2x4x4xf32>) {
  // expected-error@+1 {{has num_k_heads = 0, which is no extent}}
  %0 = "top.RecurrentGatedDeltaRule"(%a0, %a1, %a2, %a3, %a4, %a5) {d = 4 : i64, num_k_heads = 0 : i64, num_v_heads = 2 : i64, scale = 0.5 : f64, use_qk_l2norm = false}
      : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2xf32>, tensor<1x1x2xf32>, tensor<1x2x4x4xf32>) -> tensor<1x1x2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x1x1x4xf32>, %a1: tensor<1x1x1x4xf32>, %a2: tensor<1x1x2x4xf32>, %a3: tensor<1x1x2xf32>, %a4: tensor<1x1x2xf32>, %a5: tensor<1x2x4x4xf32>) {
  // expected-error@+1 {{has 2 heads of values for 3 heads of keys, which do not divide them}}
  %0 = "top.RecurrentGatedDeltaRule"(%a0, %a1, %a2, %a3, %a4, %a5) {d = 4 : i64, num_k_heads = 3 : i64, num_v_heads = 2 : i64, scale = 0.5 : f64, use_qk_l2norm = false}
      : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2xf32>, tensor<1x1x2xf32>, tensor<1x2x4x4xf32>) -> tensor<1x1x2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x1x1x4xf32>, %a1: tensor<1x1x1x4xf32>, %a2: tensor<1x2x2x4xf32>, %a3: tensor<1x1x2xf32>, %a4: tensor<1x1x2xf32>, %a5: tensor<1x2x4x4xf32>) {
  // expected-error@+1 {{needs a value of shape [batch, 1, num_v_heads, d], got 1x2x2x4}}
  %0 = "top.RecurrentGatedDeltaRule"(%a0, %a1, %a2, %a3, %a4, %a5) {d = 4 : i64, num_k_heads = 1 : i64, num_v_heads = 2 : i64, scale = 0.5 : f64, use_qk_l2norm = false}
      : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1x2x2x4xf32>, tensor<1x1x2xf32>, tensor<1x1x2xf32>, tensor<1x2x4x4xf32>) -> tensor<1x1x2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x1x1x4xf32>, %a1: tensor<1x1x1x4xf32>, %a2: tensor<1x1x2x4xf32>, %a3: tensor<1x1x2xf32>, %a4: tensor<2xf32>, %a5: tensor<1x2x4x4xf32>) {
  // expected-error@+1 {{needs beta of shape 1x1x2, got 2}}
  %0 = "top.RecurrentGatedDeltaRule"(%a0, %a1, %a2, %a3, %a4, %a5) {d = 4 : i64, num_k_heads = 1 : i64, num_v_heads = 2 : i64, scale = 0.5 : f64, use_qk_l2norm = false}
      : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2xf32>, tensor<2xf32>, tensor<1x2x4x4xf32>) -> tensor<1x1x2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x1x1x4xf32>, %a1: tensor<1x1x1x4xf32>, %a2: tensor<1x1x2x4xf32>, %a3: tensor<1x1x2xf32>, %a4: tensor<1x1x2xf32>, %a5: tensor<1x2x4x5xf32>) {
  // expected-error@+1 {{needs recurrent_state of shape 1x2x4x4, got 1x2x4x5}}
  %0 = "top.RecurrentGatedDeltaRule"(%a0, %a1, %a2, %a3, %a4, %a5) {d = 4 : i64, num_k_heads = 1 : i64, num_v_heads = 2 : i64, scale = 0.5 : f64, use_qk_l2norm = false}
      : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2xf32>, tensor<1x1x2xf32>, tensor<1x2x4x5xf32>) -> tensor<1x1x2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x1x1x4xf32>, %a1: tensor<1x1x1x4xf32>, %a2: tensor<1x1x2x4xf32>, %a3: tensor<1x1x2xf32>, %a4: tensor<1x1x2xf32>, %a5: tensor<1x2x4x4xf32>, %a6: tensor<2x2xf32>, %a7: tensor<2x2xf32>, %a8: tensor<2x2xf32>, %a9: tensor<3x3xf32>) {
  // expected-error@+1 {{needs eye of shape 2x2, got 3x3}}
  %0 = "top.ChunkGatedDeltaRule"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9) {d = 4 : i64, num_k_heads = 1 : i64, num_v_heads = 2 : i64, scale = 0.5 : f64, use_qk_l2norm = false, chunk_size = 2 : i64}
      : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2xf32>, tensor<1x1x2xf32>, tensor<1x2x4x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<3x3xf32>) -> tensor<1x1x2x4xf32>
  return
}

// -----

func.func @f(%a0: tensor<1x1x1x4xf32>, %a1: tensor<1x1x1x4xf32>, %a2: tensor<1x1x2x4xf32>, %a3: tensor<1x1x2xf32>, %a4: tensor<1x1x2xf32>, %a5: tensor<1x2x4x4xf32>, %a6: tensor<2x2xf32>, %a7: tensor<2x2xf32>, %a8: tensor<2x2xf32>, %a9: tensor<2x2xf32>) {
  // expected-error@+1 {{has chunk_size = 9223372036854775807, which is no extent}}
  %0 = "top.ChunkGatedDeltaRule"(%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9) {d = 4 : i64, num_k_heads = 1 : i64, num_v_heads = 2 : i64, scale = 0.5 : f64, use_qk_l2norm = false, chunk_size = 9223372036854775807 : i64}
      : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2xf32>, tensor<1x1x2xf32>, tensor<1x2x4x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<1x1x2x4xf32>
  return
}
