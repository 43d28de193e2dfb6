using Blobs.Errors;
using Blobs.Oci;

namespace Blobs.Tests.Oci;

public sealed class ImageReferenceTests
{
    private const string Digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("alpine", "docker.io/library/alpine:latest", "alpine", "alpine:latest")]
    [InlineData("docker.io/foo/bar:1", "docker.io/foo/bar:1", "foo/bar", "foo/bar:1")]
    [InlineData("index.docker.io/alpine", "docker.io/library/alpine:latest", "alpine", "alpine:latest")]
    [InlineData("localhost/x", "localhost/x:latest", "localhost/x", "localhost/x:latest")]
    [InlineData("reg:5000/x", "reg:5000/x:latest", "reg:5000/x", "reg:5000/x:latest")]
    [InlineData("localhost:5000", "docker.io/library/localhost:5000", "localhost", "localhost:5000")]
    [InlineData("docker.io/library/a/b", "docker.io/library/a/b:latest", "library/a/b", "library/a/b:latest")]
    [InlineData("Host/x_y__z.a--b", "Host/x_y__z.a--b:latest", "Host/x_y__z.a--b", "Host/x_y__z.a--b:latest")]
    [InlineData("[::1]:5000/x:T", "[::1]:5000/x:T", "[::1]:5000/x", "[::1]:5000/x:T")]
    [InlineData("a@" + Digest, "docker.io/library/a@" + Digest, "a", "a@" + Digest)]
    [InlineData("a:1@" + Digest, "docker.io/library/a:1@" + Digest, "a", "a:1@" + Digest)]
    public void Means_what_docker_means(string text, string canonical, string familiarName, string familiar)
    {
        ImageReference reference = ImageReference.Parse(text).WithDefaultTag();
        Assert.Equal(canonical, $"{reference}");
        Assert.Equal(familiarName, reference.FamiliarName);
        Assert.Equal(familiar, reference.Familiar);
        Assert.Equal(reference, ImageReference.Parse(canonical));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Alpine")]
    [InlineData("a/B")]
    [InlineData("a//b")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a..b")]
    [InlineData("a___b")]
    [InlineData("_a")]
    [InlineData("a_")]
    [InlineData("a-")]
    [InlineData("a:")]
    [InlineData("a:-b")]
    [InlineData("a@sha256:12")]
    [InlineData("a@")]
    [InlineData("-host.com/x")]
    [InlineData("host:port/x")]
    [InlineData("../x")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Refuses_what_docker_refuses(string text)
    {
        Assert.False(ImageReference.TryParse(text, out _));
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => ImageReference.Parse(text));
        Assert.Equal(Fault.ReferenceSyntax, fault.Fault);
    }

    [Fact]
    public void Takes_255_characters_and_not_one_more()
    {
        string path = new('a', 255 - "docker.io/library/".Length);
        Assert.True(ImageReference.TryParse(path, out _));
        Assert.False(ImageReference.TryParse(path + "a", out _));
    }

    [Fact]
    public void Takes_tags_of_128_characters_and_not_one_more()
    {
        string tag = new('T', 128);
        Assert.True(ImageReference.TryParse("a:" + tag, out _));
        Assert.False(ImageReference.TryParse("a:" + tag + "T", out _));
    }
}
