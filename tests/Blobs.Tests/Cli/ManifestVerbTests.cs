using System.CommandLine;
using System.Runtime.Versioning;
using Blobs.Cli;

namespace Blobs.Tests.Cli;

/// <summary>The usage of <c>copy --all</c>, <c>sync</c>, <c>index</c>, <c>annotate</c> and <c>attach</c>.</summary>
[SupportedOSPlatform("linux")]
public sealed class ManifestVerbTests
{
    [Theory]
    [InlineData("copy container:c oci:l")]
    [InlineData("copy oci:l layer:sha256:0")]
    [InlineData("copy --all docker-data:r//a oci:l")]
    [InlineData("copy --all docker-archive:f oci:l")]
    [InlineData("copy --all oci:l docker-data:r//a")]
    [InlineData("copy --all oci:l docker-archive:f")]
    [InlineData("copy --all oci:l container:c")]
    [InlineData("copy --all oci:l oci:m --platform linux/arm64")]
    [InlineData("copy --all oci:l oci:m --compression zstd")]
    [InlineData("copy --all oci:l docker://m --format oci")]
    [InlineData("index create docker-data:r//a h.example/b")]
    [InlineData("index create docker-archive:f h.example/b")]
    [InlineData("index create container:c h.example/b")]
    [InlineData("index create layer:sha256:0 h.example/b")]
    [InlineData("index create oci:l docker-data:r//a")]
    [InlineData("index create oci:l docker-archive:f")]
    [InlineData("index create oci:l container:c")]
    [InlineData("index create oci:l")]
    [InlineData("index create oci:l a --annotation b")]
    [InlineData("index add docker-data:r//a h.example/b")]
    [InlineData("index add docker-archive:f h.example/b")]
    [InlineData("index add container:c h.example/b")]
    [InlineData("index add oci:l layer:sha256:0")]
    [InlineData("index remove docker-data:r//a --platform linux/arm64")]
    [InlineData("index remove docker-archive:f --platform linux/arm64")]
    [InlineData("index remove container:c --platform linux/arm64")]
    [InlineData("index remove h.example/a")]
    [InlineData("index remove h.example/a --platform linux/")]
    [InlineData("annotate docker-data:r//a k=v")]
    [InlineData("annotate docker-archive:f k=v")]
    [InlineData("annotate container:c k=v")]
    [InlineData("annotate h.example/a k=v --to docker-archive:f")]
    [InlineData("annotate h.example/a k=v --to docker-data:r//a")]
    [InlineData("annotate h.example/a k=v --to layer:sha256:0")]
    [InlineData("annotate h.example/a")]
    [InlineData("annotate h.example/a k")]
    [InlineData("annotate h.example/a k=v --platform linux/arm64")]
    [InlineData("attach f --to docker-data:r//a --type a/b")]
    [InlineData("attach f --to docker-archive:f --type a/b")]
    [InlineData("attach f --to container:c --type a/b")]
    [InlineData("attach f --to h.example/a --type sbom")]
    [InlineData("attach f --to h.example/a:/etc --type a/b")]
    [InlineData("attach f --to h.example/a")]
    [InlineData("sync docker-data:r oci:l")]
    [InlineData("sync oci-archive:f oci:l")]
    [InlineData("sync docker-archive:f oci:l")]
    [InlineData("sync container:c oci:l")]
    [InlineData("sync h.example/a docker-data:r")]
    [InlineData("sync h.example/a oci-archive:f")]
    [InlineData("sync h.example/a docker-archive:f")]
    [InlineData("sync h.example/a layer:sha256:0")]
    [InlineData("sync h.example/a:1 oci:l")]
    [InlineData("sync h.example/a oci:l:1")]
    public void What_makes_no_sense_is_wrong_usage_in_one_line(string words) => Assert.Single(ErrorsOf(words));

    [Theory]
    [InlineData("copy --all docker://h.example/a oci-archive:f:1")]
    [InlineData("copy docker-data:r//a docker-archive:-")]
    [InlineData("index create a b")]
    [InlineData("index create oci:l:1 oci-archive:f h.example/b@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 --all")]
    [InlineData("index create oci-archive:f:1 oci:l:1 --annotation a=b --annotation c=d=e --json")]
    [InlineData("index add oci:l:1 h.example/b h.example/c -q")]
    [InlineData("index remove h.example/a --platform linux/arm64 --platform windows/amd64")]
    [InlineData("annotate oci-archive:f:1 a=b c= --remove d --remove e --to docker://h.example/a")]
    [InlineData("annotate oci:l --remove d")]
    [InlineData("attach f --to oci:l:1 --type application/spdx+json --annotation a=b --platform linux/arm64")]
    [InlineData("sync h.example/a oci:l --tag v* --tag main --all --dry-run --json")]
    [InlineData("sync oci:l 127.0.0.1:5000/a")]
    public void What_makes_sense_is_understood(string words) => Assert.Empty(ErrorsOf(words));

    private static IReadOnlyList<string> ErrorsOf(string words)
    {
        var root = new RootCommand();
        Verbs.AddTo(root);
        return CommandLine.ErrorsOf(CommandLine.Parse(root, words.Split(' ')));
    }
}
