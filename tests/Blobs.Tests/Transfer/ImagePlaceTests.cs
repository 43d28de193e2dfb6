using Blobs.Errors;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

public sealed class ImagePlaceTests
{
    [Theory]
    [InlineData("docker-data:/var/lib/docker//alpine:3.18", ImageTransport.DockerData, "/var/lib/docker", "alpine:3.18")]
    [InlineData("docker-data:./root//reg:5000/a/b", ImageTransport.DockerData, "./root", "reg:5000/a/b")]
    [InlineData("docker-data:./root", ImageTransport.DockerData, "./root", null)]
    [InlineData("containers-storage:alpine:3.18", ImageTransport.ContainersStorage, "", "alpine:3.18")]
    [InlineData("containers-storage:/srv/store//reg:5000/a/b:1", ImageTransport.ContainersStorage, "/srv/store", "reg:5000/a/b:1")]
    [InlineData("containerd:alpine:3.18", ImageTransport.Containerd, "", "alpine:3.18")]
    [InlineData("containerd:k8s.io//reg:5000/a/b:1", ImageTransport.Containerd, "k8s.io", "reg:5000/a/b:1")]
    [InlineData("containerd:k8s.io//", ImageTransport.Containerd, "k8s.io", null)]
    [InlineData("containers-storage:/srv/store", ImageTransport.ContainersStorage, "/srv/store", null)]
    [InlineData("docker-archive:a.tar", ImageTransport.DockerArchive, "a.tar", null)]
    [InlineData("docker-archive:a.tar:alpine:3.18", ImageTransport.DockerArchive, "a.tar", "alpine:3.18")]
    [InlineData("oci:dir:3.18", ImageTransport.Oci, "dir", "3.18")]
    [InlineData("oci:dir", ImageTransport.Oci, "dir", null)]
    [InlineData("oci-archive:/a/b.tar:x", ImageTransport.OciArchive, "/a/b.tar", "x")]
    [InlineData("erofs:/var/cache:layers", ImageTransport.Erofs, "/var/cache:layers", null)]
    [InlineData("docker://alpine:3.18", ImageTransport.Registry, "", "alpine:3.18")]
    public void Reads_every_form_and_writes_it_again(string text, ImageTransport transport, string path, string? name)
    {
        ImagePlace location = ImagePlace.Parse(text);
        Assert.Equal(new ImagePlace(transport, path, name), location);
        Assert.Equal(text, $"{location}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("alpine")]
    [InlineData("oci:")]
    [InlineData("docker://")]
    [InlineData("erofs:")]
    [InlineData("tarball:x")]
    public void Refuses_other_texts(string text) =>
        Assert.Equal(Fault.ReferenceSyntax, Assert.Throws<MalformedDataException>(() => ImagePlace.Parse(text)).Fault);
}
