// Convolutions, poolings and matrix products have the fields that compiled files hold for the same operation.
#include "AssemblerTestTools.h"

using namespace tpu_mlir::bm1684x;
using enum tpu_mlir::ElementType;

namespace {

TEST_F(TiuConvForms, Fp32Mm) {
  assembler.tiu.mm(folded(16384, F32), folded(32768, F32), folded(49152, F32));
  expectLast("sMM mm.normal #1: opd2_const=1 res0_prec=FP32 opd0_prec=FP32 res0_c=1 res0_w=32 opd0_n=32 opd0_c=1 "
             "opd0_w=32 opd1_w=32 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuConvForms, Fp32MmLTrans) {
  assembler.tiu.mm(folded(16384, F32), folded(32768, F32), folded(49152, F32), std::nullopt, {.leftTransposed = true});
  expectLast("sMM mm.normal #1: left_tran=1 opd2_const=1 res0_prec=FP32 opd0_prec=FP32 res0_c=1 res0_w=32 "
             "opd0_n=32 opd0_c=1 opd0_w=32 opd1_w=32 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuConvForms, FpMm) {
  assembler.tiu.mm2(matrix(16384, F16), matrix(32768, F16), matrix(49152, F16), Mm2Form::Nn);
  expectLast("sMM2 mm2.nn #1: res0_prec=FP16 res0_c=32 res0_w=32 opd1_c=32 opd1_w=32 opd0_prec=FP16 "
             "res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuConvForms, FpMmRTrans) {
  assembler.tiu.mm2(matrix(16384, F16), matrix(32768, F16), matrix(49152, F16), Mm2Form::Nt);
  expectLast("sMM2 mm2.nt #1: res0_prec=FP16 res0_c=32 res0_w=32 opd1_c=32 opd1_w=32 opd0_prec=FP16 "
             "res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuConvForms, FpMmAllTrans) {
  assembler.tiu.mm2(matrix(16384, F16), matrix(32768, F16), matrix(49152, F16), Mm2Form::Tt);
  expectLast("sMM2 mm2.tt #1: res0_prec=FP16 res0_c=32 res0_w=32 opd1_c=32 opd1_w=32 opd0_prec=FP16 "
             "res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuConvForms, Int8ZpMm) {
  assembler.tiu.mm2(matrix(16384, I32), matrix(32768, I8), matrix(49152, I8), Mm2Form::Nn, false,
                    Constant::integer(3, I8));
  expectLast("sMM2 mm2.nn #1: opd0_sign=1 opd1_sign=1 res0_prec=INT32 opd2_const=1 res0_c=32 res0_w=32 opd1_c=32 "
             "opd1_w=32 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000 opd2_addr=0x3");
}

TEST_F(TiuConvForms, FpConv2d) {
  assembler.tiu.conv(local(16384, F16), local(32768, F16), weight(49152, F16), std::nullopt, window3);
  expectLast("sCONV conv.normal #1: res0_prec=FP16 opd0_prec=FP16 opd2_const=1 opd0_up_pad=1 opd0_dn_pad=1 "
             "opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 opd3_const=1 res0_addr=0x4000 res0_n=1 "
             "res0_c=64 res0_h=8 res0_w=8 opd0_c=64 opd0_h=8 opd0_w=8 opd1_h=3 opd1_w=3 opd0_addr=0x8000 "
             "opd1_addr=0xc000");
}

TEST_F(TiuConvForms, FpConv2dForDeconv2d) {
  assembler.tiu.conv(local(16384, F16), local(32768, F16), weight(49152, F16), std::nullopt, rotated(window3));
  expectLast("sCONV conv.normal #1: kernel_rotate=1 res0_prec=FP16 opd0_prec=FP16 opd2_const=1 opd0_up_pad=1 "
             "opd0_dn_pad=1 opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 opd3_const=1 "
             "res0_addr=0x4000 res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd0_c=64 opd0_h=8 opd0_w=8 opd1_h=3 "
             "opd1_w=3 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuConvForms, FpConv2dKernelConst) {
  assembler.tiu.conv(local(16384, F16), local(32768, F16), Constant::raw(3, F16), std::nullopt, window3);
  expectLast("sCONV conv.normal #1: res0_prec=FP16 opd0_prec=FP16 opd1_const=1 opd2_const=1 opd0_up_pad=1 "
             "opd0_dn_pad=1 opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 opd3_const=1 "
             "res0_addr=0x4000 res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd0_c=64 opd0_h=8 opd0_w=8 opd1_h=3 "
             "opd1_w=3 opd0_addr=0x8000 opd1_addr=0x3");
}

TEST_F(TiuConvForms, Int8AsymQuantConv2d) {
  assembler.tiu.convInt8(local(16384, I32), local(32768, I8), weight(49152, I8), Constant::integer(3, I8), window3,
                         {.padValue = 3});
  expectLast("sCONV conv.normal #1: opd0_sign=1 opd1_sign=1 opd2_sign=1 res0_prec=INT32 opd2_const=1 "
             "opd0_up_pad=1 opd0_dn_pad=1 opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 opd3_const=1 "
             "res0_addr=0x4000 res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd0_c=64 opd0_h=8 opd0_w=8 opd1_h=3 "
             "opd1_w=3 opd0_addr=0x8000 opd1_addr=0xc000 opd2_addr=0x3 opd3_addr=0x3");
}

TEST_F(TiuConvForms, Int8SymQuantConv2d) {
  assembler.tiu.convInt8Shift(local(16384, I8), local(32768, I8), weight(49152, I8), Constant::integer(0, I16), window3,
                              {.shift = 1});
  expectLast("sCONV conv.wrq #1: opd0_sign=1 opd1_sign=1 opd2_sign=1 opd2_const=1 opd0_up_pad=1 opd0_dn_pad=1 "
             "opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 opd3_const=1 res0_addr=0x4000 res0_n=1 "
             "res0_c=64 res0_h=8 res0_w=8 opd0_c=64 opd0_h=8 opd0_w=8 opd1_h=3 opd1_w=3 opd0_addr=0x8000 "
             "opd1_addr=0xc000 opd3_addr=0x1");
}

TEST_F(TiuConvForms, FpMaxPool2d) {
  assembler.tiu.maxPool(local(16384, F16), local(32768, F16), window3, 3);
  expectLast("sPorD pord.maxpooling #1: opd3_const=1 res0_prec=FP16 opd0_prec=FP16 opd0_up_pad=1 opd0_dn_pad=1 "
             "opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 "
             "opd0_h=8 opd0_w=8 opd1_h=3 opd1_w=3 res0_addr=0x4000 opd0_addr=0x8000 opd3_addr=0x3");
}

TEST_F(TiuConvForms, Int8MaxPool2d) {
  assembler.tiu.maxPool(local(16384, I8), local(32768, I8), window3, 3);
  expectLast("sPorD pord.maxpooling #1: opd0_sign=1 opd3_const=1 opd0_up_pad=1 opd0_dn_pad=1 opd0_lf_pad=1 "
             "opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd0_h=8 opd0_w=8 "
             "opd1_h=3 opd1_w=3 res0_addr=0x4000 opd0_addr=0x8000 opd3_addr=0x3");
}

TEST_F(TiuConvForms, FpAvgPool2d) {
  assembler.tiu.avgPool(local(16384, F16), local(32768, F16), Constant::raw(3, F16), window3);
  expectLast("sPorD pord.avgpooling #1: opd1_const=1 opd3_const=1 res0_prec=FP16 opd0_prec=FP16 opd0_up_pad=1 "
             "opd0_dn_pad=1 opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 opd2_n_str=5 res0_n=1 "
             "res0_c=64 res0_h=8 res0_w=8 opd0_h=8 opd0_w=8 opd1_h=3 opd1_w=3 res0_addr=0x4000 opd0_addr=0x8000 "
             "opd1_addr=0x3");
}

TEST_F(TiuConvForms, Int8AvgPool2d) {
  assembler.tiu.avgPool(local(16384, I8), local(32768, I8), Constant::integer(1, U8), window3, 1);
  expectLast("sPorD pord.avgpooling #1: opd0_sign=1 opd1_const=1 opd3_const=1 opd0_up_pad=1 opd0_dn_pad=1 "
             "opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 opd2_n_str=5 res0_n=1 res0_c=64 res0_h=8 "
             "res0_w=8 opd0_h=8 opd0_w=8 opd1_h=3 opd1_w=3 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0x1 "
             "opd2_addr=0x1");
}

TEST_F(TiuConvForms, FpDepthwise2d) {
  assembler.tiu.depthwise(local(16384, F16), local(32768, F16), LocalTensor::compact(49152, {1, 64, 3, 3}, F16),
                          std::nullopt, window3);
  expectLast("sPorD pord.depthwise #1: opd2_const=1 opd3_const=1 res0_prec=FP16 opd0_prec=FP16 opd0_up_pad=1 "
             "opd0_dn_pad=1 opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 res0_n=1 res0_c=64 "
             "res0_h=8 res0_w=8 opd0_h=8 opd0_w=8 opd1_h=3 opd1_w=3 res0_addr=0x4000 opd0_addr=0x8000 "
             "opd1_addr=0xc000");
}

TEST_F(TiuConvForms, Int8Depthwise2d) {
  assembler.tiu.depthwise(local(16384, I8), local(32768, I8), LocalTensor::compact(49152, {1, 64, 3, 3}, I8),
                          std::nullopt, window3, {.padValue = 3, .shift = 1});
  expectLast("sPorD pord.depthwise #1: opd0_sign=1 opd1_sign=1 opd2_const=1 opd3_const=1 opd0_up_pad=1 "
             "opd0_dn_pad=1 opd0_lf_pad=1 opd0_rt_pad=1 res_op_x_str=1 res_op_y_str=1 opd2_n_str=1 res0_n=1 "
             "res0_c=64 res0_h=8 res0_w=8 opd0_h=8 opd0_w=8 opd1_h=3 opd1_w=3 res0_addr=0x4000 opd0_addr=0x8000 "
             "opd1_addr=0xc000 res1_addr=0x100 opd3_addr=0x3");
}

} // namespace
