// model_tool and bmodel_dis as a user runs them: output, exit status, one sentence when something is wrong.
#include "tpu_mlir/BModel/Reader.h"
#include "tpu_mlir/BModel/Writer.h"
#include "tpu_mlir/Target/BM1684X/Assembler.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>

using namespace llvm;
using namespace tpu_mlir::bmodel;
namespace chip = tpu_mlir::bm1684x;
using tpu_mlir::ElementType;

namespace {

struct Outcome {
  int status;
  std::string text; ///< both streams
};

class Tools : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(sys::fs::createUniqueDirectory("tools", folder)); }
  void TearDown() override { sys::fs::remove_directories(folder); }

  Outcome run(const std::string &command) {
    std::string shell = "cd " + std::string(folder) + " && " + command + " 2>&1";
    FILE *pipe = popen(shell.c_str(), "r");
    Outcome outcome{-1, ""};
    if (!pipe)
      return outcome;
    char buffer[4096];
    while (size_t count = fread(buffer, 1, sizeof(buffer), pipe))
      outcome.text.append(buffer, count);
    int status = pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
  }
  Outcome modelTool(const std::string &arguments) { return run(std::string(MODEL_TOOL) + " " + arguments); }
  Outcome disassembler(const std::string &arguments) { return run(std::string(BMODEL_DIS) + " " + arguments); }
  void expectRefused(const Outcome &outcome, const std::string &sentence) {
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.text, sentence + "\n");
  }
  std::string path(const char *name) const { return std::string(folder) + "/" + name; }

  /// A net that adds a constant to its input.
  void writeNet(const char *file, const char *netName, uint64_t w, const char *chipName = "BM1684X", float value = 1) {
    constexpr uint64_t context = weightBaseBM1684X;
    chip::Dims shape{1, 3, 4, static_cast<int64_t>(w)};
    auto x = chip::LocalTensor::aligned(0, shape, ElementType::F32);
    auto y = chip::LocalTensor::aligned(0x4000, shape, ElementType::F32);
    chip::Assembler assembler;
    assembler.gdma.copy(x, chip::GlobalTensor::contiguous(context, shape, ElementType::F32));
    assembler.tiu.add(y, x, chip::Constant::f32(value));
    assembler.gdma.copy(chip::GlobalTensor::contiguous(context + pageBytes, shape, ElementType::F32), y);
    auto program = cantFail(assembler.finish());
    CommandGroup group;
    group.tiuCount = program.tiuCount;
    group.gdmaCount = program.gdmaCount;
    group.tiu = Blob::of(program.tiu);
    group.gdma = Blob::of(program.gdma);
    auto tensor = [&](const char *name, uint64_t address, TensorRole role) {
      Tensor result;
      result.name = name;
      result.address = address;
      result.bytes = 48 * w;
      result.shapes = {{1, 3, 4, w}};
      result.role = role;
      return result;
    };
    Stage stage;
    stage.inputs = {tensor("x", context, TensorRole::Input)};
    stage.outputs = {tensor("y", context + pageBytes, TensorRole::Output)};
    stage.contextAddress = context;
    stage.contextSizes = {2 * pageBytes};
    SubNet subNet;
    subNet.inputs = stage.inputs;
    subNet.outputs = stage.outputs;
    subNet.groups = {group};
    subNet.id = 0;
    subNet.next = {-1};
    stage.subNets = {subNet};
    Model model;
    model.chip = chipName;
    model.nets = {{netName, {stage}, AddressMode::Basic, {}}};
    model.neuronBytes = stage.contextBytes();
    cantFail(writeModel(model, path(file)));
  }

  SmallString<128> folder;
};

TEST_F(Tools, InfoShowsNetworksAndMemory) {
  writeNet("a.bmodel", "first", 5);
  Outcome outcome = modelTool("--info a.bmodel");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.text, R"(bmodel version: B.2.2
chip: BM1684X

==========================================
net 0: [first]  static
------------
stage 0, core num: 1
input: x, [1, 3, 4, 5], float32, scale: 1, zero_point: 0
output: y, [1, 3, 4, 5], float32, scale: 1, zero_point: 0

device mem size: 8576 (weight: 0, instruct: 384, runtime: 8192)
host mem size: 0 (weight: 0, runtime: 0)
bmodel is 4k aligned
)");
}

TEST_F(Tools, CombineAndExtractKeepTheStages) {
  writeNet("a.bmodel", "first", 5);
  writeNet("b.bmodel", "second", 5);
  writeNet("c.bmodel", "first", 7);
  Outcome outcome = modelTool("--combine a.bmodel b.bmodel c.bmodel -o all.bmodel");
  EXPECT_EQ(outcome.text, "Success: combined to [all.bmodel].\n");
  auto all = readModel(path("all.bmodel"));
  ASSERT_TRUE(static_cast<bool>(all));
  ASSERT_EQ(all->nets.size(), 2u);
  EXPECT_EQ(all->nets[0].stages.size(), 2u);
  EXPECT_EQ(modelTool("--extract all.bmodel").status, 0);
  for (const char *name : {"bm_net0_stage0.bmodel", "bm_net0_stage1.bmodel", "bm_net1_stage0.bmodel"}) {
    auto one = readModel(path(name));
    ASSERT_TRUE(static_cast<bool>(one)) << name;
    EXPECT_EQ(one->nets.size(), 1u);
  }
  auto third = readModel(path("bm_net0_stage1.bmodel"));
  EXPECT_EQ(third->nets[0].stages[0].inputs[0].shape().back(), 7u);
}

TEST_F(Tools, CombineRefusesWhatDoesNotFitAndLeavesNothing) {
  writeNet("a.bmodel", "first", 5);
  writeNet("b.bmodel", "first", 5);
  writeNet("other.bmodel", "other", 5, "BM1684");
  expectRefused(modelTool("--combine a.bmodel b.bmodel -o all.bmodel"),
                "model_tool: b.bmodel: net 'first' cannot be added to the one of the same name: both are compiled for "
                "the same input shapes");
  expectRefused(modelTool("--combine a.bmodel other.bmodel -o all.bmodel"),
                "model_tool: other.bmodel: is for BM1684, but a.bmodel is for BM1684X");
  EXPECT_FALSE(sys::fs::exists(path("all.bmodel")));
}

TEST_F(Tools, MistakesAreAnsweredInOneSentence) {
  std::ofstream(path("text.bmodel")) << "hello";
  expectRefused(modelTool("--info none.bmodel"), "model_tool: none.bmodel: No such file or directory");
  expectRefused(modelTool("--print text.bmodel"), "model_tool: text.bmodel: this is not a bmodel");
  expectRefused(modelTool("--encrypt"), "model_tool: --encrypt is not supported by this model_tool");
  expectRefused(modelTool("--what"), "model_tool: unknown command '--what'; see model_tool --help");
  expectRefused(modelTool("--combine text.bmodel"),
                "model_tool: --combine needs input files and -o OUT; see model_tool --help");
  expectRefused(disassembler("--format mlir a.bmodel"),
                "bmodel_dis: --format mlir is not supported; use text, reg or version");
  expectRefused(disassembler("text.bmodel"), "bmodel_dis: text.bmodel: this is not a bmodel");
}

TEST_F(Tools, DisassemblyListsBothEnginesInAnOrderThatRuns) {
  writeNet("a.bmodel", "first", 5);
  Outcome outcome = disassembler("a.bmodel");
  EXPECT_EQ(outcome.status, 0);
  std::vector<size_t> places;
  for (const char *line : {"net first stage 0 subnet 0 group 0\n", "  GDMA DMA_tensor dma.tensor #1: ",
                           "  TIU  sAR arith.add #1 after 1: ", "  GDMA DMA_tensor dma.tensor #2 after 1: "})
    places.push_back(outcome.text.find(line));
  for (size_t place : places)
    EXPECT_NE(place, std::string::npos) << outcome.text;
  EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
}

TEST_F(Tools, DifferencesOfTwoModelsAreShown) {
  writeNet("a.bmodel", "net", 5);
  writeNet("b.bmodel", "net", 5, "BM1684X", 2);
  EXPECT_EQ(disassembler("a.bmodel a.bmodel").status, 0);
  Outcome outcome = disassembler("--N 0 a.bmodel b.bmodel");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(StringRef(outcome.text).starts_with("-   TIU  sAR arith.add #1 after 1: ")) << outcome.text;
  EXPECT_NE(outcome.text.find("opd1_addr=0x40000000"), std::string::npos) << outcome.text;
  EXPECT_EQ(StringRef(outcome.text).count('\n'), 2u);
}

TEST_F(Tools, DamagedStreamsAreNamed) {
  writeNet("a.bmodel", "net", 5);
  auto model = readModel(path("a.bmodel"));
  ASSERT_TRUE(static_cast<bool>(model));
  CommandGroup &group = model->nets[0].stages[0].subNets[0].groups[0];
  std::vector<uint8_t> stream = group.tiu.bytes().vec();
  stream[5] = 8 << 1;
  group.tiu = Blob::of(stream);
  cantFail(writeModel(*model, path("b.bmodel")));
  expectRefused(disassembler("b.bmodel"), "bmodel_dis: b.bmodel: net 'net', stage 0, subnet 0, group 0: TIU stream, "
                                          "byte 0: no instruction has this opcode");
}

} // namespace
