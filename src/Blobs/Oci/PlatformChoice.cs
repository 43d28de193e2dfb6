namespace Blobs.Oci;

/// <summary>
/// Chooses among images for several platforms as containerd and dockerd do (package <c>platforms</c>): names are
/// normalized, and an older variant of an architecture is accepted when there is no better image.
/// </summary>
public static class PlatformChoice
{
    // BuildKit lists attestations in an index beside their images, with this annotation.
    private const string ReferenceType = "vnd.docker.reference.type";
    private const string Unknown = "unknown";

    private static readonly string[] KnownSystems =
    [
        "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd", "plan9", "solaris",
        "windows", "zos",
    ];

    private static readonly string[] KnownArchitectures =
    [
        "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64", "s390x", "wasm",
    ];

    /// <summary>The best manifests for a platform, all equally good, in the order given. When none fits, those without a
    /// platform.</summary>
    public static IReadOnlyList<Descriptor> Best(IEnumerable<Descriptor> offered, Platform wanted)
    {
        Descriptor[] images = [.. offered.Where(IsImage)];
        IReadOnlyList<Platform> accepted = Accepted(wanted);
        (Descriptor Image, int? Rank)[] ranked =
            [.. images.Where(image => image.Platform is not null).Select(image => (image, RankIn(accepted, image.Platform!)))];
        return ranked.Min(image => image.Rank) is { } best
            ? [.. ranked.Where(image => image.Rank == best).Select(image => image.Image)]
            : [.. images.Where(image => image.Platform is null)];
    }

    /// <summary>The rank of an image for a platform: 0 is best; null when it does not fit.</summary>
    internal static int? Rank(Platform wanted, Platform offered) => RankIn(Accepted(wanted), offered);

    /// <summary>The platforms offered, for messages.</summary>
    public static string Describe(IEnumerable<Descriptor> offered)
    {
        string[] names = [.. offered.Where(IsImage).Select(image => image.Platform).OfType<Platform>()
            .Select(platform => $"{platform}").Distinct()];
        return names.Length == 0 ? "for no platform at all" : $"only for {string.Join(", ", names)}";
    }

    /// <summary>Whether it is an image, and not an attestation of BuildKit.</summary>
    public static bool IsImage(Descriptor descriptor) =>
        descriptor.Annotations?.ContainsKey(ReferenceType) is not true
        && descriptor.Platform is not { Os: Unknown, Architecture: Unknown };

    /// <summary>The platform as Go names it, without a variant that is the default.</summary>
    internal static Platform Normalize(Platform platform)
    {
        (string architecture, string variant) =
            (platform.Architecture.ToLowerInvariant(), platform.Variant?.ToLowerInvariant() ?? "");
        (architecture, variant) = (architecture, variant) switch
        {
            ("i386", _) => ("386", ""),
            ("x86_64" or "x86-64" or "amd64", "v1") => ("amd64", ""),
            ("x86_64" or "x86-64", _) => ("amd64", variant),
            ("aarch64" or "arm64", "8" or "v8" or "v8.0") => ("arm64", ""),
            ("aarch64" or "arm64", "9" or "9.0" or "v9.0") => ("arm64", "v9"),
            ("aarch64", _) => ("arm64", variant),
            ("armhf", _) => ("arm", "v7"),
            ("armel", _) => ("arm", "v6"),
            ("arm", "" or "7") => ("arm", "v7"),
            ("arm", "5" or "6" or "8") => ("arm", $"v{variant}"),
            _ => (architecture, variant),
        };
        string os = platform.Os.ToLowerInvariant();
        return platform with
        {
            Os = os == "macos" ? "darwin" : os,
            Architecture = architecture,
            Variant = variant.Length > 0 ? variant : null,
        };
    }

    /// <summary>The platform for a known OS or architecture alone, as docker reads it; null when it is neither.</summary>
    internal static Platform? Complete(string name, Platform current)
    {
        Platform os = Normalize(new Platform { Os = name, Architecture = current.Architecture, Variant = current.Variant });
        Platform architecture = Normalize(new Platform { Os = current.Os, Architecture = name });
        return KnownSystems.Contains(os.Os) ? os
            : KnownArchitectures.Contains(architecture.Architecture) ? architecture
            : null;
    }

    private static int? RankIn(IReadOnlyList<Platform> accepted, Platform offered)
    {
        Platform normal = Normalize(offered);
        for (int rank = 0; rank < accepted.Count; rank++)
        {
            // An image without a variant also matches plain: "arm" runs on every arm, although it normally means v7.
            Platform one = accepted[rank];
            bool isSame = one.Architecture == normal.Architecture
                && (one.Variant == normal.Variant || (one.Variant is null && string.IsNullOrEmpty(offered.Variant)));
            if (isSame && one.Os == normal.Os)
            {
                return rank;
            }
        }

        return null;
    }

    // The best first; an image without a variant runs everywhere.
    private static IReadOnlyList<Platform> Accepted(Platform wanted)
    {
        Platform own = Normalize(wanted);
        return [.. OlderVariants(own.Architecture, own.Variant).Append((string?)null).Select(variant => own with { Variant = variant })];
    }

    // Other architectures are never accepted, although amd64 could run 386 images: nobody asked for those.
    private static IEnumerable<string> OlderVariants(string architecture, string? variant) => (architecture, variant) switch
    {
        ("amd64", _) => Versions(variant, 2),
        ("arm", _) => Versions(variant, 5),
        ("arm64", not null) => Arm64Versions(variant),
        (_, null) => [],
        _ => [variant],
    };

    // v3, v2, … down to the least; a variant without a number matches only itself.
    private static IEnumerable<string> Versions(string? variant, int least) => variant switch
    {
        null => [],
        ['v', >= '0' and <= '9' and var digit] when digit - '0' >= least =>
            [.. Enumerable.Range(least, digit - '0' - least + 1).Reverse().Select(version => $"v{version}")],
        _ => [variant],
    };

    // Each 9.x includes 8.(x+5), up to 8.9; 8.0 is the architecture without a variant.
    private static IEnumerable<string> Arm64Versions(string variant)
    {
        const int MinorMax = 9;
        const int MinorAhead = 5;
        (int major, int minor) = variant switch
        {
            ['v', '8' or '9'] => (variant[1] - '0', 0),
            ['v', '8' or '9', '.', >= '0' and <= '9'] => (variant[1] - '0', variant[3] - '0'),
            _ => (0, 0),
        };
        if (major == 0)
        {
            return [variant];
        }

        IEnumerable<string> nine = major == 9 ? Minors(9, minor, 1).Append("v9") : [];
        return nine.Concat(Minors(8, major == 9 ? Math.Min(minor + MinorAhead, MinorMax) : minor, 1));
    }

    private static IEnumerable<string> Minors(int major, int from, int to) =>
        Enumerable.Range(to, Math.Max(0, from - to + 1)).Reverse().Select(minor => $"v{major}.{minor}");
}
