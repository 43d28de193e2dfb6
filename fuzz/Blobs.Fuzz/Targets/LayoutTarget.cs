using Blobs.Errors;
using Blobs.Transfer;

namespace Blobs.Fuzz.Targets;

/// <summary>OCI layouts: an index, the manifests it names, and their configs.</summary>
internal sealed class LayoutTarget : IFuzzTarget
{
    public string Name => "layout";

    public bool IsJson => true;

    public void Run(ReadOnlySpan<byte> input)
    {
        using var files = new Documents(input, OciLayout.IndexName, OciLayout.BlobName);
        foreach (ArchivedImage image in OciLayout.TryRead(files, Limits.Default) ?? [])
        {
            FindingException.ThrowIf(image.LayerNames.Any(name => name.Contains("..", StringComparison.Ordinal)), "a layer's name leads out");
            DocumentUses.Of(image);
        }
    }
}
