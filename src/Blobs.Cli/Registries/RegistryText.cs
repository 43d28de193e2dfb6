using System.Text;
using Blobs.Errors.Internal;

namespace Blobs.Cli.Registries;

/// <summary>Text that a registry sent, for a terminal.</summary>
internal static class RegistryText
{
    /// <summary>The text as it is; in quotes with its control characters escaped when it has any.</summary>
    public static string Show(string text) => text.Any(char.IsControl) ? Printable.Quote(Encoding.UTF8.GetBytes(text)) : text;
}
