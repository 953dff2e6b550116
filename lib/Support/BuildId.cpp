// Finds the note that the linker left in the program headers of the binary that this file is part of.
#include "tpu_mlir/Support/BuildId.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"

#include <cstring>
#include <elf.h>
#include <link.h>

// The linker points it at the binary's own header.
extern "C" [[gnu::weak, gnu::visibility("hidden")]] const ElfW(Ehdr) __ehdr_start;

static size_t padded(size_t bytes) { return (bytes + 3) & ~size_t{3}; }

/// The id among the notes of a segment.
static std::string idAmong(llvm::ArrayRef<uint8_t> notes) {
  ElfW(Nhdr) note;
  while (notes.size() >= sizeof(note)) {
    std::memcpy(&note, notes.data(), sizeof(note));
    size_t name = sizeof(note), description = name + padded(note.n_namesz);
    size_t end = description + padded(note.n_descsz);
    if (end > notes.size())
      break;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !std::memcmp(notes.data() + name, "GNU", 4))
      return llvm::toHex(notes.slice(description, note.n_descsz), /*LowerCase=*/true);
    notes = notes.drop_front(end);
  }
  return {};
}

std::string tpu_mlir::buildId() {
  if (!&__ehdr_start)
    return {};
  auto *base = reinterpret_cast<const uint8_t *>(&__ehdr_start);
  auto *header = reinterpret_cast<const ElfW(Phdr) *>(base + __ehdr_start.e_phoff);
  ElfW(Addr) origin = 0; // where the header lies by the addresses of the segments
  for (unsigned i = 0; i < __ehdr_start.e_phnum; ++i)
    if (header[i].p_type == PT_LOAD && header[i].p_offset == 0)
      origin = header[i].p_vaddr;
  for (unsigned i = 0; i < __ehdr_start.e_phnum; ++i) {
    if (header[i].p_type != PT_NOTE)
      continue;
    std::string id = idAmong({base + (header[i].p_vaddr - origin), header[i].p_filesz});
    if (!id.empty())
      return id;
  }
  return {};
}
