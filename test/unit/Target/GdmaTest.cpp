// GDMA instructions have the fields that compiled files hold for the same operation.
#include "AssemblerTestTools.h"

using namespace tpu_mlir::bm1684x;
using enum tpu_mlir::ElementType;

namespace {

TEST_F(GdmaForms, CpyS2l) {
  assembler.gdma.copy(local(16384, I8), global(global1, I8));
  expectLast("DMA_tensor dma.tensor #1: stride_enable=1 nchw_copy=1 src_nstride=4096 src_cstride=64 "
             "src_hstride=8 src_wstride=1 dst_nstride=64 dst_cstride=64 dst_hstride=8 dst_wstride=1 src_nsize=1 "
             "src_csize=64 src_hsize=8 src_wsize=8 src_start_addr_l32=0x100000 src_start_addr_h8=0x1 "
             "dst_start_addr_l32=0x8004000");
}

TEST_F(GdmaForms, CpyL2s) {
  assembler.gdma.copy(global(global0, I8), local(32768, I8));
  expectLast("DMA_tensor dma.tensor #1: stride_enable=1 nchw_copy=1 src_nstride=64 src_cstride=64 src_hstride=8 "
             "src_wstride=1 dst_nstride=4096 dst_cstride=64 dst_hstride=8 dst_wstride=1 src_nsize=1 src_csize=64 "
             "src_hsize=8 src_wsize=8 src_start_addr_l32=0x8008000 dst_start_addr_h8=0x1");
}

TEST_F(GdmaForms, CpyL2l) {
  assembler.gdma.copy(local(16384, I8), local(32768, I8));
  expectLast("DMA_tensor dma.tensor #1: stride_enable=1 src_nstride=64 src_cstride=64 src_hstride=8 "
             "src_wstride=1 dst_nstride=64 dst_cstride=64 dst_hstride=8 dst_wstride=1 src_nsize=1 src_csize=64 "
             "src_hsize=8 src_wsize=8 dst_nsize=1 dst_csize=64 dst_hsize=8 dst_wsize=8 "
             "src_start_addr_l32=0x8008000 dst_start_addr_l32=0x8004000");
}

TEST_F(GdmaForms, CpyS2s) {
  assembler.gdma.copy(global(global0, I8), global(global1, I8));
  expectLast("DMA_tensor dma.tensor #1: stride_enable=1 src_nstride=4096 src_cstride=64 src_hstride=8 "
             "src_wstride=1 dst_nstride=4096 dst_cstride=64 dst_hstride=8 dst_wstride=1 src_nsize=1 src_csize=64 "
             "src_hsize=8 src_wsize=8 dst_nsize=1 dst_csize=64 dst_hsize=8 dst_wsize=8 "
             "src_start_addr_l32=0x100000 src_start_addr_h8=0x1 dst_start_addr_h8=0x1");
}

TEST_F(GdmaForms, CpyNcTransL2l) {
  assembler.gdma.ncTranspose(local(16384, I8), LocalTensor::aligned(32768, {64, 1, 8, 8}, I8));
  expectLast("DMA_tensor dma.tensor.transpose #1: stride_enable=1 src_nstride=64 src_cstride=64 src_hstride=8 "
             "src_wstride=1 dst_nstride=64 dst_cstride=64 dst_hstride=8 dst_wstride=1 src_nsize=64 src_csize=1 "
             "src_hsize=8 src_wsize=8 dst_nsize=1 dst_csize=64 dst_hsize=8 dst_wsize=8 "
             "src_start_addr_l32=0x8008000 dst_start_addr_l32=0x8004000");
}

TEST_F(GdmaForms, CpyNcTransS2s) {
  assembler.gdma.ncTranspose(global(global0, I8), global(global1, I8, {64, 1, 8, 8}));
  expectLast("DMA_tensor dma.tensor.transpose #1: stride_enable=1 src_nstride=64 src_cstride=64 src_hstride=8 "
             "src_wstride=1 dst_nstride=4096 dst_cstride=64 dst_hstride=8 dst_wstride=1 src_nsize=64 src_csize=1 "
             "src_hsize=8 src_wsize=8 dst_nsize=1 dst_csize=64 dst_hsize=8 dst_wsize=8 "
             "src_start_addr_l32=0x100000 src_start_addr_h8=0x1 dst_start_addr_h8=0x1");
}

TEST_F(GdmaForms, CpyCwTransS2l) {
  assembler.gdma.cwTranspose(local(16384, I8), global(global1, I8, {1, 8, 8, 64}));
  expectLast("DMA_cw_transpose dma.cw_transpose #1: nchw_copy=1 src_nsize=1 src_csize=8 src_hsize=8 src_wsize=64 "
             "src_start_addr_l32=0x100000 src_start_addr_h8=0x1 dst_start_addr_l32=0x8004000");
}

TEST_F(GdmaForms, SetCLocal) {
  assembler.gdma.fill(local(16384, I8), Constant::integer(3, I8));
  expectLast("DMA_tensor dma.tensor #1: stride_enable=1 fill_constant_en=1 constant_value=0x3 dst_nstride=64 "
             "dst_cstride=64 dst_hstride=8 dst_wstride=1 dst_nsize=1 dst_csize=64 dst_hsize=8 dst_wsize=8 "
             "dst_start_addr_l32=0x8004000");
}

TEST_F(GdmaForms, MatrixS2l) {
  assembler.gdma.loadMatrix(folded(16384, I8), {global1, 32, 32, 64, I8});
  expectLast("DMA_matrix dma.matrix #1: stride_enable=1 src_hstride=64 dst_nstride=64 dst_cstride=64 "
             "src_hsize=32 src_wsize=32 dst_nsize=32 dst_csize=1 dst_wsize=32 src_start_addr_l32=0x100000 "
             "src_start_addr_h8=0x1 dst_start_addr_l32=0x8004000");
}

TEST_F(GdmaForms, MatrixL2s) {
  assembler.gdma.storeMatrix({global0, 32, 32, 64, I8}, folded(32768, I8));
  expectLast("DMA_matrix dma.matrix #1: stride_enable=1 src_nstride=64 src_cstride=64 dst_hstride=64 "
             "src_nsize=32 src_csize=1 src_wsize=32 dst_hsize=32 dst_wsize=32 src_start_addr_l32=0x8008000 "
             "dst_start_addr_h8=0x1");
}

TEST_F(GdmaForms, MatrixTransS2l) {
  assembler.gdma.loadMatrix(folded(16384, I8), {global1, 32, 32, 64, I8}, true);
  expectLast("DMA_matrix dma.matrix.transpose #1: stride_enable=1 src_hstride=64 dst_nstride=64 dst_cstride=64 "
             "src_hsize=32 src_wsize=32 dst_nsize=32 dst_csize=1 dst_wsize=32 src_start_addr_l32=0x100000 "
             "src_start_addr_h8=0x1 dst_start_addr_l32=0x8004000");
}

TEST_F(GdmaForms, MatrixTransL2s) {
  assembler.gdma.storeMatrix({global0, 32, 32, 64, I8}, folded(32768, I8), true);
  expectLast("DMA_matrix dma.matrix.transpose #1: stride_enable=1 src_nstride=64 src_cstride=64 dst_hstride=64 "
             "src_nsize=32 src_csize=1 src_wsize=32 dst_hsize=32 dst_wsize=32 src_start_addr_l32=0x8008000 "
             "dst_start_addr_h8=0x1");
}

TEST_F(GdmaForms, VectorS2l) {
  assembler.gdma.loadMatrix(FoldedMatrix::at(16384, 1, 8, 32, I8), {global1, 1, 8, 8, I8});
  expectLast("DMA_matrix dma.matrix #1: stride_enable=1 dst_nstride=64 dst_cstride=64 src_hsize=1 src_wsize=8 "
             "dst_nsize=1 dst_csize=1 dst_wsize=32 src_start_addr_l32=0x100000 src_start_addr_h8=0x1 "
             "dst_start_addr_l32=0x8004000");
}

TEST_F(GdmaForms, ChannelBcastS2l) {
  assembler.gdma.channelBroadcast(local(16384, I8), global(global1, I8, {1, 1, 8, 8}));
  expectLast("DMA_tensor dma.tensor.broadcast #1: stride_enable=1 src_nstride=64 src_cstride=64 src_hstride=8 "
             "src_wstride=1 dst_nstride=64 dst_cstride=64 dst_hstride=8 dst_wstride=1 src_nsize=1 src_csize=1 "
             "src_hsize=8 src_wsize=8 dst_nsize=1 dst_csize=64 dst_hsize=8 dst_wsize=8 "
             "src_start_addr_l32=0x100000 src_start_addr_h8=0x1 dst_start_addr_l32=0x8004000");
}

TEST_F(GdmaForms, HGatherS2l) {
  assembler.gdma.gather(local(16384, I8), global(global1, I8), global(0x100200000ull, U32, {1, 64, 8, 1}), 3);
  expectLast("DMA_gather dma.gather #1: constant_value=0x3 src_csize=64 src_hsize=8 src_wsize=8 dst_hsize=8 "
             "index_csize=64 index_hsize=8 src_start_addr_l32=0x100000 src_start_addr_h8=0x1 "
             "dst_start_addr_l32=0x8004000 index_start_addr_l32=0x200000 index_start_addr_h8=0x1");
}

TEST_F(GdmaForms, HScatterS2s) {
  assembler.gdma.scatter(global(global0, I8), global(global1, I8), global(0x100200000ull, U32, {1, 64, 8, 1}));
  expectLast("DMA_scatter dma.scatter #1: src_csize=64 src_hsize=8 src_wsize=8 dst_hsize=8 index_csize=64 "
             "index_hsize=8 src_start_addr_l32=0x100000 src_start_addr_h8=0x1 dst_start_addr_h8=0x1 "
             "index_start_addr_l32=0x200000 index_start_addr_h8=0x1");
}

TEST_F(GdmaForms, SystemCpy) {
  assembler.gdma.copyLinear(global0, global1, 8, I8);
  expectLast("DMA_general dma.general #1: move_length=8 src_start_addr_l32=0x100000 src_start_addr_h8=0x1 "
             "dst_start_addr_h8=0x1");
}

} // namespace
