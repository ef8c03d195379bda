"""The processor that a program was built for, as Lambda names it."""

# The field e_machine of an ELF header, by the ELF specification.
MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}
ELF = b"\x7fELF"
LITTLE_ENDIAN = 1


def processor_of(program):
    """x86_64, arm64 or unknown for a Linux program, and None for other files. The local run on another system has such files."""
    if not program.startswith(ELF) or len(program) < 20:
        return None
    machine = int.from_bytes(program[18:20], "little" if program[5] == LITTLE_ENDIAN else "big")
    return MACHINES.get(machine, "unknown")
