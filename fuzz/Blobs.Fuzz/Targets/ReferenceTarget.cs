using System.Text;
using Blobs.Oci;

namespace Blobs.Fuzz.Targets;

/// <summary>Image names: a parsed name formats to text that parses to the same name.</summary>
internal sealed class ReferenceTarget : IFuzzTarget
{
    public string Name => "reference";

    public void Run(ReadOnlySpan<byte> input)
    {
        if (!ImageReference.TryParse(Encoding.UTF8.GetString(input), out ImageReference? reference))
        {
            return;
        }

        // As in docker, a short form whose first part looks like a host parses differently.
        string first = reference.Familiar.Split('/')[0];
        bool isAmbiguous = first != reference.Familiar && (first.AsSpan().ContainsAny('.', ':') || first == "localhost");
        foreach (string text in isAmbiguous ? [$"{reference}"] : (string[])[$"{reference}", reference.Familiar])
        {
            ImageReference again = ImageReference.Parse(text);
            FindingException.ThrowIf($"{again}" != $"{reference}", $"'{text}' is read as '{again}', not as '{reference}'");
        }
    }
}
