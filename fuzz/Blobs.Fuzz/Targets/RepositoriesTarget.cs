using Blobs.Docker.Images;

namespace Blobs.Fuzz.Targets;

/// <summary><c>repositories.json</c>: a parsed file is written to a file that parses to the same.</summary>
internal sealed class RepositoriesTarget : IFuzzTarget
{
    public string Name => "repositories";

    public bool IsJson => true;

    public void Run(ReadOnlySpan<byte> input)
    {
        NameTable table = NameTable.Parse(input.ToArray(), "repositories.json");
        NameTable again = NameTable.Parse(table.ToJson(), "repositories.json");
        FindingException.ThrowIf(
            !table.All.Select(item => $"{item.Key} {item.Value}").SequenceEqual(again.All.Select(item => $"{item.Key} {item.Value}")),
            "names are lost when they are written");
    }
}
