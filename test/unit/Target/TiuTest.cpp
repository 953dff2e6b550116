// Elementwise, special and moving instructions have the fields that compiled files hold for the same operation.
#include "AssemblerTestTools.h"

using namespace tpu_mlir::bm1684x;
using enum tpu_mlir::ElementType;

namespace {

TEST_F(TiuForms, And) {
  assembler.tiu.bitAnd(local(16384, I8), local(32768, I8), local(49152, I8));
  expectLast("sAR arith.and #1: tsk_opd_num=2 opd0_sign=1 opd1_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 "
             "res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuForms, MaxC) {
  assembler.tiu.max(local(16384, I8), local(32768, I8), Constant::integer(3, I8));
  expectLast("sAR arith.max #1: opd1_const=1 tsk_opd_num=2 opd0_sign=1 opd1_sign=1 res0_n=1 res0_c=64 res0_h=8 "
             "res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0x3");
}

TEST_F(TiuForms, ArithmeticShift) {
  assembler.tiu.shift(ArOp::ArithShift, local(16384, I8), local(32768, I8), local(49152, I8));
  expectLast("sAR arith.ashift #1: tsk_opd_num=2 opd0_sign=1 opd1_sign=1 opd2_n_str=1 res0_n=1 res0_c=64 "
             "res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuForms, LogicalShift) {
  assembler.tiu.shift(ArOp::LogicShift, local(16384, U16), local(32768, U16), local(49152, I8));
  expectLast("sAR arith.logicShift #1: tsk_opd_num=2 res0_prec=INT16 opd0_prec=INT16 opd1_sign=1 opd2_n_str=1 "
             "res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuForms, Greater) {
  assembler.tiu.selectOrZero(Relation::Greater, local(16384, I8), local(32768, I8), local(49152, I8),
                             Constant::integer(3, I8));
  expectLast("sAR arith.selectGreat #1: opd2_const=1 tsk_opd_num=3 opd0_sign=1 opd1_sign=1 res0_n=1 res0_c=64 "
             "res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000 opd2_addr=0x3");
}

TEST_F(TiuForms, EqualC) {
  assembler.tiu.selectOrZero(Relation::Equal, local(16384, I8), local(32768, I8), Constant::integer(3, I8),
                             Constant::integer(3, I8));
  expectLast("sAR arith.selectEqual #1: opd1_const=1 opd2_const=1 tsk_opd_num=3 opd0_sign=1 opd1_sign=1 res0_n=1 "
             "res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0x3 opd2_addr=0x3");
}

TEST_F(TiuForms, FpAdd) {
  assembler.tiu.add(local(16384, F16), local(32768, F16), local(49152, F16));
  expectLast("sAR arith.add #1: tsk_opd_num=2 res0_prec=FP16 opd0_prec=FP16 opd1_prec=FP16 opd0_sign=1 "
             "opd1_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 "
             "opd1_addr=0xc000");
}

TEST_F(TiuForms, FpCSub) {
  assembler.tiu.sub(local(16384, F16), Constant::raw(3, F16), local(32768, F16));
  expectLast("sAR arith.sub #1: opd0_const=1 tsk_opd_num=2 res0_prec=FP16 opd0_prec=FP16 opd1_prec=FP16 "
             "opd0_sign=1 opd1_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x3 "
             "opd1_addr=0x8000");
}

TEST_F(TiuForms, Fp32Div) {
  assembler.tiu.div(local(16384, F32), local(32768, F32), local(49152, F32));
  expectLast("sAR arith.div #1: tsk_opd_num=2 res0_prec=FP32 opd0_prec=FP32 opd1_prec=FP32 opd0_sign=1 "
             "opd1_sign=1 opd2_n_str=2 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 "
             "opd1_addr=0xc000");
}

TEST_F(TiuForms, Fp32CDiv) {
  assembler.tiu.div(local(16384, F32), Constant::f32(1.5), local(32768, F32));
  expectLast("sAR arith.div #1: opd0_const=1 tsk_opd_num=2 res0_prec=FP32 opd0_prec=FP32 opd1_prec=FP32 "
             "opd0_sign=1 opd1_sign=1 opd2_n_str=2 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 "
             "opd0_addr=0x3fc00000 opd1_addr=0x8000");
}

TEST_F(TiuForms, Fp32Mac) {
  assembler.tiu.mac(local(16384, F32), local(32768, F32), local(49152, F32));
  expectLast("sAR arith.mac #1: tsk_opd_num=2 res0_prec=FP32 opd0_prec=FP32 opd1_prec=FP32 opd0_sign=1 "
             "opd1_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 "
             "opd1_addr=0xc000");
}

TEST_F(TiuForms, IntAdd) {
  assembler.tiu.integer(ArOp::Add, local(16384, I8), local(32768, I8), local(49152, I8),
                        {.shift = 1, .saturate = false});
  expectLast("sAR arith.add #1: opd2_const=1 tsk_opd_num=3 opd0_sign=1 opd1_sign=1 opd2_n_str=1 res0_n=1 "
             "res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000 opd2_addr=0x1");
}

TEST_F(TiuForms, IntMul) {
  assembler.tiu.integer(ArOp::Mul, local(16384, I8), local(32768, I8), local(49152, I8),
                        {.shift = 1, .saturate = false});
  expectLast("sAR arith.mul #1: opd2_const=1 tsk_opd_num=3 opd0_sign=1 opd1_sign=1 opd2_n_str=1 res0_n=1 "
             "res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000 opd2_addr=0x1");
}

TEST_F(TiuForms, Cpy) {
  assembler.tiu.copy(local(16384, I8), local(32768, I8));
  expectLast("sAR arith.copy #1: tsk_opd_num=1 opd0_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 "
             "opd0_addr=0x8000");
}

TEST_F(TiuForms, SetC) {
  assembler.tiu.fill(local(16384, I8), Constant::integer(3, I8));
  expectLast("sAR arith.copy #1: opd0_const=1 tsk_opd_num=1 opd0_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 "
             "res0_addr=0x4000 opd0_addr=0x3");
}

TEST_F(TiuForms, Abs) {
  assembler.tiu.abs(local(16384, I8), local(32768, I8));
  expectLast("sAR arith.abs #1: tsk_opd_num=1 opd0_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 "
             "opd0_addr=0x8000");
}

TEST_F(TiuForms, Not) {
  assembler.tiu.bitNot(local(16384, I8), local(32768, I8));
  expectLast("sAR arith.not #1: tsk_opd_num=1 opd0_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 "
             "opd0_addr=0x8000");
}

TEST_F(TiuForms, FpRound) {
  assembler.tiu.cast(local(16384, F16), local(32768, F16), Rounding::HalfAwayFromZero);
  expectLast("sAR arith.cast #1: tsk_opd_num=1 res0_prec=FP16 opd0_prec=FP16 opd0_sign=1 opd2_n_str=1 res0_n=1 "
             "res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 opd2_sign=1");
}

TEST_F(TiuForms, FpDiffAbs) {
  assembler.tiu.absDiff(local(16384, F16), local(32768, F16), local(49152, F16));
  expectLast("sAR arith.fsubabs #1: tsk_opd_num=2 res0_prec=FP16 opd0_prec=FP16 opd1_prec=FP16 opd0_sign=1 "
             "opd1_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 opd0_addr=0x8000 "
             "opd1_addr=0xc000");
}

TEST_F(TiuForms, CpyCrossNpu) {
  assembler.tiu.laneCopy(local(16384, I8), local(32768, I8));
  expectLast("sTRANS_sBC tsbc.l_copy #1: res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd0_c=64 opd0_w=8 "
             "res0_addr=0x4000 opd0_addr=0x8000");
}

TEST_F(TiuForms, NpuBcast) {
  assembler.tiu.laneBroadcast(local(16384, I8), local(32768, I8, {1, 1, 8, 8}));
  expectLast("sTRANS_sBC tsbc.l_bc #1: res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd0_c=1 opd0_w=8 res0_addr=0x4000 "
             "opd0_addr=0x8000");
}

TEST_F(TiuForms, CwTrans) {
  assembler.tiu.cwTranspose(LocalTensor::lineAligned(16384, {1, 64, 8, 8}, I8), local(32768, I8, {1, 8, 8, 64}));
  expectLast("sTRANS_sBC tsbc.cw_ts #1: res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd0_c=8 opd0_w=64 res0_addr=0x4000 "
             "opd0_addr=0x8000");
}

TEST_F(TiuForms, WcTrans) {
  assembler.tiu.wcTranspose(local(16384, I8), local(32768, I8, {1, 8, 8, 64}));
  expectLast("sTRANS_sBC tsbc.wc_ts #1: res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd0_c=8 opd0_w=64 res0_addr=0x4000 "
             "opd0_addr=0x8000");
}

TEST_F(TiuForms, LoadFp32ExpCoeff) {
  assembler.tiu.staticBroadcast(local(16384, F32, {1, 64, 1, 10}), static_table::expF32);
  expectLast("sTRANS_sBC tsbc.s_bc #1: res0_prec=FP32 res0_n=1 res0_c=64 res0_h=1 res0_w=10 opd0_c=64 opd0_w=10 "
             "res0_addr=0x4000 opd0_addr=0x9000400");
}

TEST_F(TiuForms, NpuDistributeFromStatic) {
  assembler.tiu.staticDistribute(LocalTensor::compact(16384, {1, 8, 1, 1}, I8), 0);
  expectLast("sTRANS_sBC tsbc.s_distribute #1: res0_n=1 res0_c=8 res0_h=1 res0_w=1 opd0_c=8 opd0_w=1 "
             "res0_addr=0x4000 opd0_addr=0x9000000");
}

TEST_F(TiuForms, GreaterSelect) {
  assembler.tiu.select(Relation::Greater, local(16384, I8), local(32768, I8), local(49152, I8), local(65536, I8),
                       local(81920, I8));
  expectLast("sCMP cmp.sel_gt #1: opd0_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 "
             "opd0_addr=0x8000 opd1_addr=0xc000 opd2_addr=0x10000 opd3_addr=0x14000");
}

TEST_F(TiuForms, MaximumGreaterSelect) {
  assembler.tiu.extremumSelect(Relation::Greater, local(16384, I8), local(32768, I8), local(49152, I8),
                               local(65536, I8), local(81920, I8), local(98304, I8));
  expectLast("sCMP cmp.gt_and_sel #1: opd0_sign=1 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 "
             "res1_addr=0x8000 opd0_addr=0xc000 opd1_addr=0x10000 opd2_addr=0x14000 opd3_addr=0x18000");
}

TEST_F(TiuForms, FpScaleBias) {
  assembler.tiu.scaleBias(local(16384, F16), local(32768, F16), LocalTensor::compact(49152, {1, 64, 1, 1}, F16),
                          LocalTensor::compact(65536, {1, 64, 1, 1}, F16));
  expectLast("sLIN lin.mac #1: res0_prec=FP16 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 "
             "opd0_addr=0x8000 opd1_addr=0xc000 opd2_addr=0x10000");
}

TEST_F(TiuForms, FpScaleBiasC) {
  assembler.tiu.scaleBias(local(16384, F16), local(32768, F16), Constant::raw(3, F16), Constant::raw(3, F16));
  expectLast("sLIN lin.mac #1: opd1_const=1 opd2_const=1 res0_prec=FP16 res0_n=1 res0_c=64 res0_h=8 res0_w=8 "
             "res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0x3 opd2_addr=0x3");
}

TEST_F(TiuForms, FpSubBiasSqr) {
  assembler.tiu.squareDiff(local(16384, F16), local(32768, F16), LocalTensor::compact(49152, {1, 64, 1, 1}, F16));
  expectLast("sLIN lin.square_diff #1: res0_prec=FP16 res0_n=1 res0_c=64 res0_h=8 res0_w=8 res0_addr=0x4000 "
             "opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuForms, FpTaylor) {
  assembler.tiu.taylor(local(16384, F16), local(32768, F16), local(49152, F16, {1, 64, 1, 8}));
  expectLast("sSFU sfu.taylor_4x #1: res0_prec=FP16 opd0_prec=FP16 opd2_n_str=3 res0_n=1 res0_c=64 res0_h=8 "
             "res0_w=8 opd1_n=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuForms, FpExponentPart) {
  assembler.tiu.normalize(local(16384, F16), local(32768, F16));
  expectLast("sSFU sfu.normalize #1: res0_prec=FP16 opd0_prec=FP16 opd2_n_str=3 res0_n=1 res0_c=64 res0_h=8 "
             "res0_w=8 res0_addr=0x4000 opd0_addr=0x8000");
}

TEST_F(TiuForms, Fp32Rsqrt) {
  assembler.tiu.rsqrt(local(16384, F32), local(32768, F32));
  expectLast("sSFU sfu.rsqrt #1: res0_prec=FP32 opd0_prec=FP32 opd2_n_str=2 res0_n=1 res0_c=64 res0_h=8 res0_w=8 "
             "opd1_n=3 res0_addr=0x4000 opd0_addr=0x8000");
}

TEST_F(TiuForms, IntRequant) {
  assembler.tiu.requant(local(16384, I16), local(32768, I16), RequantInteger{1, 1, 3, Rounding::HalfAwayFromZero});
  expectLast("sRQ_sDQ quant.rq1 #1: opd0_sign=1 opd2_sign=1 res0_prec=INT16 opd1_const=1 opd0_prec=INT16 "
             "opd2_n_str=1 res0_addr=0x4000 opd0_addr=0x8000 res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd1_addr=0x1 "
             "opd2_addr=0x30001");
}

TEST_F(TiuForms, IntPcRequant) {
  assembler.tiu.requantInteger(local(16384, I16), local(32768, I16), local(49152, I32, {1, 64, 1, 3}),
                               Rounding::HalfAwayFromZero);
  expectLast("sRQ_sDQ quant.rq1 #1: opd0_sign=1 opd2_sign=1 res0_prec=INT16 opd0_prec=INT16 opd2_n_str=1 "
             "res0_addr=0x4000 opd0_addr=0x8000 res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd1_addr=0xc000");
}

TEST_F(TiuForms, Fp32Requant) {
  assembler.tiu.requant(local(16384, I16), local(32768, I16),
                        RequantFloat{1.5, 1.5, Rounding::HalfAwayFromZero, Rounding::HalfAwayFromZero});
  expectLast("sRQ_sDQ quant.rq0 #1: opd0_sign=1 opd2_sign=1 res0_prec=INT16 opd1_const=1 opd0_prec=INT16 "
             "opd2_n_str=9 res0_addr=0x4000 opd0_addr=0x8000 res0_n=1 res0_c=64 res0_h=8 res0_w=8 "
             "opd1_addr=0x3fc00000 opd2_addr=0x3fc00000");
}

TEST_F(TiuForms, IntDequant) {
  assembler.tiu.dequant(local(16384, I16), local(32768, I16), RequantInteger{1, 1, 3, Rounding::HalfAwayFromZero});
  expectLast("sRQ_sDQ quant.dq1 #1: opd0_sign=1 opd2_sign=1 res0_prec=INT16 opd1_const=1 opd0_prec=INT16 "
             "opd2_n_str=1 res0_addr=0x4000 opd0_addr=0x8000 res0_n=1 res0_c=64 res0_h=8 res0_w=8 "
             "opd1_addr=0x10003 opd2_addr=0x1");
}

TEST_F(TiuForms, Fp32Dequant) {
  assembler.tiu.dequant(local(16384, F32), local(32768, I8), DequantFloat{1.5, 3, Rounding::HalfAwayFromZero});
  expectLast("sRQ_sDQ quant.dq0 #1: opd0_sign=1 opd2_sign=1 res0_prec=FP32 opd1_const=1 opd2_n_str=1 "
             "res0_addr=0x4000 opd0_addr=0x8000 res0_n=1 res0_c=64 res0_h=8 res0_w=8 opd1_addr=0x3 "
             "opd2_addr=0x3fc00000");
}

TEST_F(TiuForms, TableLookup) {
  assembler.tiu.gatherElements(local(16384, F16, {1, 64, 1, 64}), local(49152, F16, {1, 64, 1, 8}),
                               local(32768, U8, {1, 64, 1, 64}), {.sharedTable = true});
  expectLast("sSG sg.pe_s_gather_d1coor #1: opd0_str=OneTable res0_n=1 res0_c=64 res0_h=1 res0_w=64 opd0_h=1 "
             "opd0_w=8 opd1_c=64 opd1_w=64 res0_prec=FP16 res0_addr=0x4000 opd0_prec=FP16 opd0_addr=0xc000 "
             "opd1_addr=0x8000");
}

TEST_F(TiuForms, TableLookupInFourBanks) {
  assembler.tiu.gatherFourBanks(local(0x28000, I8, {1, 64, 1, 64}), local(0x4000, I8, {1, 64, 1, 256}),
                                local(0, U8, {1, 64, 1, 64}));
  expectLast("sSG sg.pe_m_gather_d1coor #1: opd0_str=OneTable res0_n=1 res0_c=64 res0_h=1 res0_w=64 opd0_h=1 "
             "opd0_w=256 opd1_c=64 opd1_w=64 res0_addr=0x28000 opd0_addr=0x4000");
}

TEST_F(TiuForms, BatchBcastWGather) {
  assembler.tiu.gatherElements(local(16384, F16, {1, 32, 1, 8}), local(32768, F16, {1, 32, 1, 8}),
                               local(49152, U16, {1, 32, 1, 8}));
  expectLast("sSG sg.pe_s_gather_d1coor #1: res0_n=1 res0_c=32 res0_h=1 res0_w=8 opd0_h=1 opd0_w=8 opd1_c=32 "
             "opd1_w=8 res0_prec=FP16 res0_addr=0x4000 opd0_prec=FP16 opd0_addr=0x8000 opd1_prec=INT16 "
             "opd1_addr=0xc000");
}

TEST_F(TiuForms, BatchBcastWScatter) {
  assembler.tiu.scatterElements(local(16384, F16, {1, 32, 1, 8}), local(32768, F16, {1, 32, 1, 8}),
                                local(49152, U16, {1, 32, 1, 8}));
  expectLast("sSG sg.pe_s_scatter_d1coor #1: res0_n=1 res0_c=32 res0_h=1 res0_w=8 opd0_h=1 opd0_w=8 opd1_c=32 "
             "opd1_w=8 res0_prec=FP16 res0_addr=0x4000 opd0_prec=FP16 opd0_addr=0x8000 opd1_prec=INT16 "
             "opd1_addr=0xc000");
}

TEST_F(TiuForms, WGather) {
  assembler.tiu.gatherColumns(local(16384, F16, {1, 32, 1, 8}), local(32768, F16, {1, 32, 1, 8}),
                              LocalTensor::compact(49152, {1, 8, 1, 1}, U16));
  expectLast("sSG sg.pl_gather_d1coor #1: res0_n=1 res0_c=32 res0_h=1 res0_w=8 opd0_h=1 opd0_w=8 opd1_c=8 "
             "opd1_w=1 res0_prec=FP16 res0_addr=0x4000 opd0_prec=FP16 opd0_addr=0x8000 opd1_prec=INT16 "
             "opd1_addr=0xc000");
}

TEST_F(TiuForms, WScatter) {
  assembler.tiu.scatterColumns(local(16384, F16, {1, 32, 1, 8}), local(32768, F16, {1, 32, 1, 8}),
                               LocalTensor::compact(49152, {1, 8, 1, 1}, U16));
  expectLast("sSG sg.pl_scatter_d1coor #1: res0_n=1 res0_c=32 res0_h=1 res0_w=8 opd0_h=1 opd0_w=8 opd1_c=8 "
             "opd1_w=1 res0_prec=FP16 res0_addr=0x4000 opd0_prec=FP16 opd0_addr=0x8000 opd1_prec=INT16 "
             "opd1_addr=0xc000");
}

TEST_F(TiuForms, HwGather) {
  assembler.tiu.gatherPixels(local(16384, I8, {1, 64, 1, 64}), local(32768, I8),
                             LocalTensor::compact(49152, {1, 64, 1, 2}, U16));
  expectLast("sSG sg.pl_gather_d2coor #1: res0_n=1 res0_c=64 res0_h=1 res0_w=64 opd0_h=8 opd0_w=8 opd1_c=64 "
             "opd1_w=1 res0_addr=0x4000 opd0_addr=0x8000 opd1_prec=INT16 opd1_addr=0xc000");
}

TEST_F(TiuForms, BatchBcastHGather) {
  assembler.tiu.gatherLines(LocalTensor::lineAligned(16384, shape, F16), LocalTensor::lineAligned(32768, shape, F16),
                            local(49152, U16, {1, 64, 8, 1}));
  expectLast("sSGL sgl.pe_s_gather_line #1: res0_prec=FP16 opd1_prec=INT16 opd0_str=Free res0_n=1 res0_c=64 "
             "res0_h=8 res0_w=8 opd0_h=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

TEST_F(TiuForms, BatchBcastHScatter) {
  assembler.tiu.scatterLines(LocalTensor::lineAligned(16384, shape, F16), LocalTensor::lineAligned(32768, shape, F16),
                             local(49152, U16, {1, 64, 8, 1}));
  expectLast("sSGL sgl.pe_s_scatter_line #1: res0_prec=FP16 opd1_prec=INT16 opd0_str=Free res0_n=1 res0_c=64 "
             "res0_h=8 res0_w=8 opd0_h=8 res0_addr=0x4000 opd0_addr=0x8000 opd1_addr=0xc000");
}

} // namespace
