// bmodel files: what is written can be read, the bytes are reproducible, and damaged files give a sentence.
#include "tpu_mlir/BModel/Reader.h"
#include "tpu_mlir/BModel/Writer.h"
#include "llvm/Support/FileSystem.h"
#include <gtest/gtest.h>
#include <random>

using namespace llvm;
using namespace tpu_mlir::bmodel;

namespace {

Blob bytes(size_t size, uint8_t seed) {
  std::vector<uint8_t> data(size);
  for (size_t i = 0; i < size; ++i)
    data[i] = static_cast<uint8_t>(seed + 31 * i);
  return Blob::of(std::move(data));
}

Tensor tensor(const char *name, uint64_t address, TensorRole role) {
  Tensor result;
  result.name = name;
  result.type = DataType::Float16;
  result.address = address;
  result.bytes = 48;
  result.shapes = {{1, 2, 3, 4}};
  result.scale = 0.5f;
  result.zeroPoint = -3;
  result.role = role;
  result.index = 1;
  return result;
}

/// A model that uses every kind of value.
Model sample() {
  Model model;
  model.chip = "BM1684X";
  model.version = "2.2+test";
  model.neuronBytes = 8192;
  model.kernelModule = KernelModule{"kernel.so", bytes(100, 9), 1};
  Net net;
  net.name = "net";
  net.addressMode = AddressMode::IoAlone;
  net.cascade = Cascade{1, 2, "main"};
  Stage stage;
  stage.inputs = {tensor("in", 0x100002000, TensorRole::Input)};
  stage.outputs = {tensor("out", 0x100003000, TensorRole::Output)};
  stage.outputs[0].relocation = Relocation{1, 2, 3};
  stage.contextAddress = 0x100002000;
  stage.contextSizes = {8192};
  stage.ioAddress = 0x100001000;
  stage.ioBytes = 4096;
  stage.coefficients = Coefficients{};
  stage.coefficients->address = weightBaseBM1684X;
  stage.coefficients->data = bytes(5000, 1);
  stage.coefficients->locations = {{"tpu.Conv2D.weight", 0, 4096}};
  stage.stageIr = {{}};
  stage.ir = Blob();
  stage.profile = bytes(10, 3);
  CommandGroup group;
  group.tiuCount = 3;
  group.gdmaCount = 2;
  group.tiu = bytes(128, 4);
  group.gdma = bytes(256, 5);
  group.relocations = {{4, 5, 6}};
  SubNet tpu;
  tpu.inputs = stage.inputs;
  tpu.outputs = stage.outputs;
  tpu.groups = {group, group};
  tpu.id = 0;
  tpu.next = {1};
  SubNet cpu;
  cpu.mode = SubNetMode::Cpu;
  cpu.cpuOperators = {{7, 1, bytes(20, 6), {{"table", bytes(8, 7), {1, 2}}}}};
  cpu.mergeFrom = std::vector<std::vector<int32_t>>{{0, 1}, {2}};
  cpu.switchParameters = SwitchParameters{{3}, {4}};
  cpu.id = 1;
  cpu.next = {-1};
  stage.subNets = {tpu, cpu};
  net.stages = {stage};
  model.nets = {net};
  return model;
}

SmallVector<uint8_t, 0> fileOf(const Model &model) {
  auto file = serialize(model);
  EXPECT_TRUE(static_cast<bool>(file));
  return file ? std::move(*file) : SmallVector<uint8_t, 0>();
}

Expected<File> parse(ArrayRef<uint8_t> file) {
  return parseFile(Blob::of(std::vector<uint8_t>(file.begin(), file.end())), "test.bmodel");
}

std::string problemOf(ArrayRef<uint8_t> file) {
  auto parsed = parse(file);
  return parsed ? "" : toString(parsed.takeError());
}

TEST(BModel, WhatIsWrittenIsReadBack) {
  Model original = sample();
  auto file = parse(fileOf(original));
  ASSERT_TRUE(static_cast<bool>(file)) << toString(file.takeError());
  const Model &model = file->model;
  EXPECT_TRUE(file->isPageAligned);
  EXPECT_EQ(model.chip, "BM1684X");
  EXPECT_EQ(model.version, "2.2+test");
  EXPECT_EQ(model.neuronBytes, 8192u);
  ASSERT_TRUE(model.kernelModule);
  EXPECT_EQ(model.kernelModule->binary.bytes(), original.kernelModule->binary.bytes());
  const Net *net = model.find("net");
  ASSERT_NE(net, nullptr);
  EXPECT_EQ(net->addressMode, AddressMode::IoAlone);
  EXPECT_EQ(net->cascade->mainName, "main");
  const Stage &stage = net->stages.at(0), &before = original.nets[0].stages[0];
  EXPECT_EQ(stage.contextSizes, before.contextSizes);
  EXPECT_EQ(stage.ioBytes, 4096u);
  EXPECT_EQ(stage.profile->bytes(), before.profile->bytes());
  EXPECT_TRUE(stage.ir.has_value());
  const Tensor &out = stage.outputs.at(0);
  EXPECT_EQ(out.name, "out");
  EXPECT_EQ(out.type, DataType::Float16);
  EXPECT_EQ(out.address, 0x100003000u);
  EXPECT_EQ(out.shape(), ArrayRef<uint64_t>({1, 2, 3, 4}));
  EXPECT_EQ(out.scale, 0.5f);
  EXPECT_EQ(out.zeroPoint, -3);
  EXPECT_EQ(out.role, TensorRole::Output);
  EXPECT_EQ(out.relocation->commandOffset, 3u);
  EXPECT_EQ(stage.coefficients->data.bytes(), before.coefficients->data.bytes());
  EXPECT_EQ(stage.coefficients->checkCode, sha256(before.coefficients->data.bytes()));
  EXPECT_EQ(stage.coefficients->locations.at(0).name, "tpu.Conv2D.weight");
  ASSERT_EQ(stage.subNets.size(), 2u);
  const CommandGroup &group = stage.subNets[0].groups.at(1);
  EXPECT_EQ(group.tiuCount, 3u);
  EXPECT_EQ(group.gdma.bytes(), before.subNets[0].groups[1].gdma.bytes());
  EXPECT_EQ(group.relocations.at(0).addressOffset, 5u);
  const SubNet &cpu = stage.subNets[1];
  EXPECT_EQ(cpu.mode, SubNetMode::Cpu);
  EXPECT_EQ(cpu.cpuOperators.at(0).constants.at(0).name, "table");
  EXPECT_EQ(cpu.mergeFrom->at(0), (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(cpu.switchParameters->outputBranch, (std::vector<int32_t>{4}));
}

TEST(BModel, ReadingAndWritingAgainGivesTheSameBytes) {
  SmallVector<uint8_t, 0> first = fileOf(sample());
  auto file = parse(first);
  ASSERT_TRUE(static_cast<bool>(file));
  EXPECT_EQ(fileOf(file->model), first);
}

TEST(BModel, HeaderAndAlignmentAreThoseOfTheFormat) {
  SmallVector<uint8_t, 0> file = fileOf(sample());
  EXPECT_EQ(ArrayRef<uint8_t>(file).take_front(8), ArrayRef<uint8_t>({0xEE, 0xAA, 0x55, 0xFF, 64, 0, 0, 0}));
  EXPECT_EQ(file.size() % pageBytes, 0u);
}

TEST(BModel, EqualBlobsAreStoredOnce) {
  Model model = sample();
  auto shared = parse(fileOf(model));
  ASSERT_TRUE(static_cast<bool>(shared));
  model.nets[0].stages[0].subNets[0].groups[1].gdma = bytes(256, 77);
  auto different = parse(fileOf(model));
  ASSERT_TRUE(static_cast<bool>(different));
  EXPECT_EQ(shared->binarySection.size() + pageBytes, different->binarySection.size());
}

TEST(BModel, Sha256IsTheStandards) {
  std::vector<uint8_t> hash = sha256(ArrayRef<uint8_t>({'a', 'b', 'c'}));
  ASSERT_EQ(hash.size(), 32u);
  EXPECT_EQ(hash[0], 0xBA);
  EXPECT_EQ(hash[1], 0x78);
  EXPECT_EQ(hash[31], 0xAD);
}

TEST(BModel, ModelsWithoutWhatTheRuntimeNeedsAreRefused) {
  Model model = sample();
  model.chip.clear();
  EXPECT_EQ(toString(serialize(model).takeError()), "a bmodel needs the name of its chip");
  model = sample();
  model.nets[0].stages[0].outputs[0].shapes.clear();
  EXPECT_EQ(toString(serialize(model).takeError()), "tensor 'out' has no shape");
}

TEST(BModel, OtherFilesAreToldApart) {
  EXPECT_EQ(problemOf({}), "test.bmodel: this is not a bmodel");
  EXPECT_EQ(problemOf(std::vector<uint8_t>(200, 0x41)), "test.bmodel: this is not a bmodel");
}

TEST(BModel, EveryTruncationIsAnError) {
  SmallVector<uint8_t, 0> file = fileOf(sample());
  for (size_t size = 0; size < file.size(); size += size < 300 ? 1 : 97)
    EXPECT_NE(problemOf(ArrayRef<uint8_t>(file).take_front(size)), "") << size;
}

TEST(BModel, BlobsOutsideTheFileAreAnError) {
  // 5000 is the size of the weights in the tables.
  SmallVector<uint8_t, 0> file = fileOf(sample());
  bool found = false;
  for (size_t at = 64; at + 8 < 4096 && !found; at += 4) {
    uint64_t value;
    std::memcpy(&value, &file[at], 8);
    if (value != 5000)
      continue;
    found = true;
    uint64_t huge = ~uint64_t{0} - 100;
    std::memcpy(&file[at], &huge, 8);
  }
  ASSERT_TRUE(found);
  EXPECT_EQ(problemOf(file), "test.bmodel: the weights lie outside the binary section");
}

TEST(BModel, RandomDamageNeverCrashes) {
  const SmallVector<uint8_t, 0> good = fileOf(sample());
  std::mt19937 random(11);
  for (int repeat = 0; repeat < 5000; ++repeat) {
    SmallVector<uint8_t, 0> file = good;
    for (unsigned changes = 1 + random() % 8; changes > 0; --changes)
      file[random() % 3000] = static_cast<uint8_t>(random());
    if (auto parsed = parse(file)) {
      // What passes the checks can be written again, or is refused in a sentence.
      if (auto again = serialize(parsed->model); !again)
        consumeError(again.takeError());
      EXPECT_FALSE(dumpTables(*parsed).empty());
    } else {
      EXPECT_NE(toString(parsed.takeError()), "");
    }
  }
}

TEST(BModel, FilesAppearWholeOrNotAtAll) {
  SmallString<128> folder;
  ASSERT_FALSE(sys::fs::createUniqueDirectory("bmodel", folder));
  std::string path = (folder + "/x.bmodel").str();
  ASSERT_FALSE(static_cast<bool>(writeModel(sample(), path)));
  auto model = readModel(path);
  ASSERT_TRUE(static_cast<bool>(model));
  std::string missing = (folder + "/none/x.bmodel").str();
  std::string message = toString(writeModel(sample(), missing));
  EXPECT_NE(message.find("x.bmodel: cannot be written: "), std::string::npos) << message;
  std::error_code error;
  size_t files = 0;
  for (sys::fs::directory_iterator it(folder, error), end; it != end; it.increment(error))
    ++files;
  EXPECT_EQ(files, 1u);
  sys::fs::remove_directories(folder);
}

TEST(BModel, AMissingFileIsNamed) {
  EXPECT_EQ(toString(readModel("/no/such.bmodel").takeError()), "/no/such.bmodel: No such file or directory");
}

} // namespace
