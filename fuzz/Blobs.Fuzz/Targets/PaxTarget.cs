using Blobs.Tar;

namespace Blobs.Fuzz.Targets;

/// <summary>Pax records, in an extended header in front of a file.</summary>
internal sealed class PaxTarget : IFuzzTarget
{
    public string Name => "pax";

    public void Run(ReadOnlySpan<byte> input)
    {
        using var records = new PaxRecords();
        records.Load(input, 0);
        records.Clear();
        FindingException.ThrowIf(!records.IsEmpty, "is not empty when cleared");
    }
}
