using System.Text;
using Blobs.Oci;

namespace Blobs.Fuzz.Targets;

/// <summary>Names of images: what parses is written so that it parses to the same.</summary>
internal sealed class ReferenceTarget : IFuzzTarget
{
    public string Name => "reference";

    public void Run(ReadOnlySpan<byte> input)
    {
        if (!ImageReference.TryParse(Encoding.UTF8.GetString(input), out ImageReference? reference))
        {
            return;
        }

        // As in the engine, a short form whose first part looks like a host is read as one.
        string first = reference.Familiar.Split('/')[0];
        bool isAmbiguous = first != reference.Familiar && (first.AsSpan().ContainsAny('.', ':') || first == "localhost");
        foreach (string text in isAmbiguous ? [$"{reference}"] : (string[])[$"{reference}", reference.Familiar])
        {
            ImageReference again = ImageReference.Parse(text);
            FindingException.ThrowIf($"{again}" != $"{reference}", $"'{text}' is read as '{again}', not as '{reference}'");
        }
    }
}
