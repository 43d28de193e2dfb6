using Blobs.Oci;

namespace Blobs.Fuzz.Targets;

/// <summary>Manifests and indexes of any kind.</summary>
internal sealed class ManifestTarget : IFuzzTarget
{
    public string Name => "manifest";

    public void Run(ReadOnlySpan<byte> input)
    {
        Manifest manifest = Manifest.Parse(input.ToArray());
        FindingException.ThrowIf(manifest.References.Any(reference => reference.Size < 0), "a size is negative");
        FindingException.ThrowIf(!manifest.Bytes.Span.SequenceEqual(input), "its bytes are not those that came");
    }
}
