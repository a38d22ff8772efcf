package docker

# No frontend but Plimsoll, and of Plimsoll this release alone. Other images are none of this policy's business.
frontends := {"docker.io/docker/dockerfile", "docker.io/docker/dockerfile-upstream"}

default allow := false

allow if not input.image

allow if {
	input.image
	not input.image.fullRepo in frontends
	input.image.fullRepo != "@REPOSITORY"
}

allow if {
	input.image.fullRepo == "@REPOSITORY"
	input.image.checksum == "@DIGEST"
}

deny_msg contains "the frontend is @IMAGE@@DIGEST here" if not allow

decision := {"allow": allow, "deny_msg": deny_msg}
