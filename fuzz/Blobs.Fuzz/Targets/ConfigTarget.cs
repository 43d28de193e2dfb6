using Blobs.Oci;

namespace Blobs.Fuzz.Targets;

/// <summary>Image configs.</summary>
internal sealed class ConfigTarget : IFuzzTarget
{
    public string Name => "config";

    public bool IsJson => true;

    public void Run(ReadOnlySpan<byte> input)
    {
        ImageConfig config = ImageConfig.Parse(input.ToArray());
        FindingException.ThrowIf(config.ChainIds.Count != config.DiffIds.Count, "has another number of chain ids than of diff ids");
        FindingException.ThrowIf(!config.Bytes.Span.SequenceEqual(input), "its bytes are not those that came");
        DocumentUses.Of(config);
    }
}
