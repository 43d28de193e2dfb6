using Blobs.Distribution.Verification;
using Blobs.Oci;

namespace Blobs.Fuzz.Targets;

/// <summary>Manifests and indexes.</summary>
internal sealed class ManifestTarget : IFuzzTarget
{
    public string Name => "manifest";

    public bool IsJson => true;

    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        SchemaOne.FindLayers(bytes);
        Manifest manifest = Manifest.Parse(bytes);
        FindingException.ThrowIf(manifest.References.Any(reference => reference.Size < 0), "a size is negative");
        FindingException.ThrowIf(!manifest.Bytes.Span.SequenceEqual(input), "its bytes are not those that came");
        DocumentUses.Of(manifest);
    }
}
