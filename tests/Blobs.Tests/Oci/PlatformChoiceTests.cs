using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Oci;

/// <summary>Expectations are dockerd's, and skopeo's where dockerd would take what cannot run.</summary>
public sealed class PlatformChoiceTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64/v3 linux/amd64 linux/arm64", "linux/amd64")]
    [InlineData("linux/amd64", "linux/amd64/v3 linux/amd64/v1", "linux/amd64/v1")]
    [InlineData("linux/amd64", "linux/amd64/v3 linux/amd64/v2", null)]
    [InlineData("linux/amd64/v1", "linux/amd64/v2 linux/amd64", "linux/amd64")]
    [InlineData("linux/amd64/v3", "linux/amd64 linux/amd64/v2 linux/amd64/v3", "linux/amd64/v3")]
    [InlineData("linux/amd64/v3", "linux/amd64/v4 linux/amd64 linux/amd64/v2", "linux/amd64/v2")]
    [InlineData("linux/amd64/v3", "linux/amd64/v4 linux/amd64", "linux/amd64")]
    [InlineData("linux/amd64/v4", "linux/386 linux/amd64", "linux/amd64")]
    [InlineData("linux/amd64", "linux/386 linux/arm64", null)]
    [InlineData("linux/386", "linux/amd64", null)]
    [InlineData("linux/arm/v7", "linux/arm/v5 linux/arm/v6 linux/arm64", "linux/arm/v6")]
    [InlineData("linux/arm/v7", "linux/arm/v6 linux/arm", "linux/arm")]
    [InlineData("linux/arm/v7", "linux/arm/v8", null)]
    [InlineData("linux/arm", "linux/arm/v5 linux/arm/v6 linux/arm/v7", "linux/arm/v7")]
    [InlineData("linux/arm/v6", "linux/arm/v7 linux/arm/v5", "linux/arm/v5")]
    [InlineData("linux/arm/v6", "linux/arm/v7", null)]
    [InlineData("linux/arm/v6", "linux/arm/v7 linux/arm", "linux/arm")]
    [InlineData("linux/arm/v8", "linux/arm/v5 linux/arm/v7", "linux/arm/v7")]
    [InlineData("linux/arm64", "linux/arm/v7 linux/arm64/v8", "linux/arm64/v8")]
    [InlineData("linux/arm64/v8", "linux/arm64/v9 linux/arm64", "linux/arm64")]
    [InlineData("linux/arm64/v9", "linux/arm64 linux/arm64/v8.5 linux/arm64/v8.6", "linux/arm64/v8.5")]
    [InlineData("linux/arm64/v9.2", "linux/arm64/v8.7 linux/arm64/v9 linux/arm64/v9.3", "linux/arm64/v9")]
    [InlineData("linux/arm64/v8.2", "linux/arm64 linux/arm64/v8.1", "linux/arm64/v8.1")]
    [InlineData("linux/arm64", "linux/arm/v6 linux/arm/v7", null)]
    [InlineData("linux/arm64", "linux/arm64/v9", null)]
    [InlineData("linux/riscv64", "linux/amd64 linux/riscv64", "linux/riscv64")]
    [InlineData("linux/riscv64/rva23u64", "linux/riscv64", "linux/riscv64")]
    [InlineData("linux/riscv64", "linux/riscv64/rva23u64", null)]
    [InlineData("windows/amd64", "linux/amd64", null)]
    public void The_order_of_preference_decides_and_not_that_of_the_document(string wanted, string offered, string? chosen)
    {
        string[] names = offered.Split(' ');
        foreach (string[] order in new[] { names, [.. names.Reverse()] })
        {
            Assert.Equal(chosen, Choose(wanted, order));
        }
    }

    [Theory]
    [InlineData("linux/x86_64", "linux/amd64")]
    [InlineData("Linux/AMD64", "linux/amd64")]
    [InlineData("linux/x86-64/V2", "linux/amd64/v2")]
    [InlineData("linux/amd64/v1", "linux/amd64")]
    [InlineData("linux/i386", "linux/386")]
    [InlineData("linux/aarch64", "linux/arm64")]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("linux/arm64/8", "linux/arm64")]
    [InlineData("linux/armhf", "linux/arm/v7")]
    [InlineData("linux/armel", "linux/arm/v6")]
    [InlineData("linux/arm/6", "linux/arm/v6")]
    [InlineData("macOS/arm64", "darwin/arm64")]
    public void Other_names_of_a_platform_are_normalized(string text, string normal)
    {
        Assert.True(Platform.TryParse(text, out Platform? platform));
        Assert.Equal(normal, $"{platform}");

        // What a document says is normalized as well.
        string[] parts = text.Split('/');
        var offered = new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.ElementAtOrDefault(2) };
        Assert.True(platform!.Accepts(offered));
    }

    [Theory]
    [InlineData("")]
    [InlineData("latest")]
    [InlineData("linux/")]
    [InlineData("/amd64")]
    [InlineData("linux/amd64/v2/x")]
    [InlineData("linux/amd 64")]
    public void An_invalid_platform_is_refused(string text) => Assert.False(Platform.TryParse(text, out _));

    [Theory]
    [InlineData("aarch64", "arm64", null)]
    [InlineData("ARM64", "arm64", null)]
    [InlineData("armel", "arm", "v6")]
    [InlineData("s390x", "s390x", null)]
    public void An_architecture_alone_goes_with_this_machines_system(string text, string architecture, string? variant)
    {
        Assert.True(Platform.TryParse(text, out Platform? platform));
        Assert.Equal(new Platform { Os = Platform.Current.Os, Architecture = architecture, Variant = variant }, platform);
        Assert.True(Platform.TryParse("Linux", out Platform? system));
        Assert.Equal(Platform.Current with { Os = "linux" }, system);
    }

    [Fact]
    public void The_current_platform_has_no_variant_on_x86_64()
    {
        if (Platform.Current.Architecture == "amd64")
        {
            Assert.Equal("linux/amd64", $"{Platform.Current}");
        }
    }

    [Fact]
    public void An_image_without_a_platform_is_chosen_only_when_no_other_fits()
    {
        Descriptor plain = Offer(null);
        Assert.Equal(plain, Index(plain, Offer("linux/arm64")).For(Wanted("linux/amd64")));
        Assert.Equal("linux/amd64", $"{Index(plain, Offer("linux/amd64")).For(Wanted("linux/amd64"))!.Platform}");
    }

    [Fact]
    public void Attestations_are_neither_chosen_nor_listed()
    {
        Descriptor attestation = Offer("unknown/unknown") with
        {
            Annotations = new Dictionary<string, string> { ["vnd.docker.reference.type"] = "attestation-manifest" },
        };
        ImageIndex index = Index(
            Offer("linux/amd64/v3"), attestation, attestation with { Platform = null }, Offer("unknown/unknown"), Offer("linux/amd64/v3"));
        Assert.Null(index.For(Wanted("linux/amd64")));
        Assert.Equal("only for linux/amd64/v3", PlatformChoice.Describe(index.Manifests));
    }

    private static string? Choose(string wanted, string[] offered) => Index([.. offered.Select(Offer)]).For(Wanted(wanted))?.Platform?.ToString();

    private static Platform Wanted(string text) => Platform.TryParse(text, out Platform? platform) ? platform! : throw new ArgumentException(text);

    private static Descriptor Offer(string? text)
    {
        string[] parts = text?.Split('/') ?? [];
        return new()
        {
            MediaType = MediaTypes.OciManifest,
            Digest = Digest.OfSha256([]),
            Size = 1,
            Platform = text is null ? null : new() { Os = parts[0], Architecture = parts[1], Variant = parts.ElementAtOrDefault(2) },
        };
    }

    private static ImageIndex Index(params Descriptor[] offered) => ManifestWriter.Index(MediaTypes.OciIndex, offered);
}
