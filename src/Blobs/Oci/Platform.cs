using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Blobs.Oci;

/// <summary>What a manifest of an index runs on (OCI image-spec image-index.md).</summary>
public sealed record Platform
{
    /// <summary>Processor, in Go's words: <c>amd64</c>, <c>arm64</c>.</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; init; } = "";

    /// <summary>Operating system, in Go's words.</summary>
    [JsonPropertyName("os")]
    public string Os { get; init; } = "";

    /// <summary>Version of the operating system; Windows only.</summary>
    [JsonPropertyName("os.version")]
    public string? OsVersion { get; init; }

    /// <summary>What the operating system must offer.</summary>
    [JsonPropertyName("os.features")]
    public IReadOnlyList<string>? OsFeatures { get; init; }

    /// <summary>Variant of the processor, such as <c>v7</c>.</summary>
    [JsonPropertyName("variant")]
    public string? Variant { get; init; }

    /// <summary>The platform of this process.</summary>
    public static Platform Current { get; } = new()
    {
        Os = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux",
        Architecture = RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            System.Runtime.InteropServices.Architecture.Armv6 => "arm",
            var other => other.ToString().ToLowerInvariant(),
        },
    };

    /// <summary>Reads <c>OS/ARCHITECTURE[/VARIANT]</c>; false for anything else.</summary>
    public static bool TryParse(string text, out Platform? platform)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        bool isValid = parts.Length is 2 or 3 && Array.TrueForAll(parts, part => part.Length > 0);
        platform = isValid ? new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.Length == 3 ? parts[2] : null } : null;
        return isValid;
    }

    /// <summary>Whether an image for <paramref name="offered"/> is meant: without a variant wanted, any will do.</summary>
    public bool Accepts(Platform offered)
    {
        ArgumentNullException.ThrowIfNull(offered);
        return Os == offered.Os && Architecture == offered.Architecture
            && (Variant is null || Variant == (offered.Variant ?? DefaultVariant(offered.Architecture)));
    }

    /// <inheritdoc/>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    private static string? DefaultVariant(string architecture) => architecture switch
    {
        "arm64" => "v8",
        "arm" => "v7",
        _ => null,
    };
}
