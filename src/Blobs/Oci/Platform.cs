using System.Runtime.InteropServices;

namespace Blobs.Oci;

/// <summary>The platform of an image (OCI image-spec image-index.md).</summary>
public sealed record Platform
{
    /// <summary>Architecture, as Go names it: <c>amd64</c>, <c>arm64</c>.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Operating system, as Go names it.</summary>
    public string Os { get; init; } = "";

    /// <summary>Version of the operating system; Windows only.</summary>
    public string? OsVersion { get; init; }

    /// <summary>Features that the operating system must have.</summary>
    public IReadOnlyList<string>? OsFeatures { get; init; }

    /// <summary>Variant of the processor, such as <c>v7</c>.</summary>
    public string? Variant { get; init; }

    /// <summary>The platform of this process. On x86-64 it has no variant, whatever the processor supports, as in
    /// docker.</summary>
    public static Platform Current { get; } = new()
    {
        Os = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux",
        Architecture = RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            System.Runtime.InteropServices.Architecture.Armv6 => "arm",
            System.Runtime.InteropServices.Architecture.LoongArch64 => "loong64",
            var other => other.ToString().ToLowerInvariant(),
        },
        Variant = RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Armv6 ? "v6" : null,
    };

    /// <summary>Reads <c>OS/ARCHITECTURE[/VARIANT]</c>, in any case and with common aliases such as <c>x86_64</c> and
    /// <c>aarch64</c>. A known OS or architecture alone is completed from this machine. False for anything else.</summary>
    public static bool TryParse(string text, out Platform? platform)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        if (parts.Length == 1)
        {
            platform = PlatformChoice.Complete(text, Current);
            return platform is not null;
        }

        bool isValid = parts.Length is 2 or 3 && Array.TrueForAll(parts, part => part.Length > 0 && part.All(IsNameCharacter));
        platform = isValid
            ? PlatformChoice.Normalize(
                new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.Length == 3 ? parts[2] : null })
            : null;
        return isValid;
    }

    /// <summary>Whether an image for <paramref name="offered"/> runs on this platform: the same architecture and the
    /// same or an older variant, as in containerd and dockerd.</summary>
    public bool Accepts(Platform offered)
    {
        ArgumentNullException.ThrowIfNull(offered);
        return PlatformChoice.Rank(this, offered) is not null;
    }

    /// <summary><see cref="Accepts"/> for an image's config: a missing OS means Linux, a missing architecture means
    /// any.</summary>
    public bool AcceptsConfig(Platform config) => Accepts(config with
    {
        Os = config.Os.Length > 0 ? config.Os : "linux",
        Architecture = config.Architecture.Length > 0 ? config.Architecture : Architecture,
        Variant = config.Architecture.Length > 0 ? config.Variant : Variant,
    });

    /// <inheritdoc/>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.';
}
